import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { later, Nothing } from '../parts/later.tsx'
import type { SwitcherProps } from '../parts/Switcher.tsx'
import { SEVERITY_FILLS } from '../theme/palette.ts'
import { readSeverities, readView, SEVERITIES, withParam } from './filter.ts'
import type { ViewSelectProps } from './ViewSelect.tsx'

const ViewSelect = later<ViewSelectProps>(
  async () => (await import('./ViewSelect.tsx')).ViewSelect,
  ({ view }) => <ViewName view={view} />,
)
const Switcher = later<SwitcherProps>(async () => (await import('../parts/Switcher.tsx')).Switcher, Nothing)

/** Where the choice will be, at its height: the rows below must not move. */
function ViewName({ view }: { readonly view: string }) {
  const { t } = useTranslation()
  return <span className="filter-view filter-view-name">{t(`alerts.views.${view}`)}</span>
}

/** `ready`: the rows are here. What these need more of the network does not come before them. */
export function AlertFilters({ ready }: { readonly ready: boolean }) {
  const { t } = useTranslation()
  const [params, setParams] = useSearchParams()
  const view = readView(params)
  const chosen = readSeverities(params)
  const camera = params.get('camera')

  const toggle = (severity: string) => {
    const next = chosen.includes(severity)
      ? chosen.filter((each) => each !== severity)
      : [...chosen, severity].sort()
    setParams(withParam(params, 'severity', next.length === SEVERITIES.length ? null : next.join(',')), {
      replace: true,
    })
  }

  return (
    <div className="filters">
      {ready ? (
        <ViewSelect
          view={view}
          onChange={(next) =>
            setParams(withParam(params, 'view', next === 'verify' ? null : next), { replace: true })
          }
        />
      ) : (
        <ViewName view={view} />
      )}
      <fieldset className="filter-severity">
        <legend className="sr-only">{t('alerts.severity')}</legend>
        {SEVERITIES.map((severity) => (
          <button
            key={severity}
            type="button"
            aria-pressed={chosen.includes(severity)}
            title={t(`severity.${severity}`)}
            onClick={() => toggle(severity)}
          >
            <span className="chip" data-severity={severity}>
              {SEVERITY_FILLS[Number(severity) as 1 | 2 | 3 | 4].shape}
              {severity}
            </span>
          </button>
        ))}
      </fieldset>
      {camera ? (
        <Switcher
          value="camera"
          options={[
            { value: 'camera', label: t('alerts.ofCamera', { camera }) },
            { value: 'any', label: t('alerts.anyCamera') },
          ]}
          onChange={(next) => {
            if (next === 'any') {
              setParams(withParam(withParam(params, 'camera', null), 'type', null), { replace: true })
            }
          }}
        />
      ) : null}
    </div>
  )
}
