import { Segmented, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { SEVERITY_FILLS } from '../theme/palette.ts'
import { ALERT_VIEWS, readSeverities, readView, SEVERITIES, withParam } from './filter.ts'

export function AlertFilters() {
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
      <Select
        aria-label={t('alerts.view')}
        value={view}
        onChange={(next) =>
          setParams(withParam(params, 'view', next === 'verify' ? null : next), { replace: true })
        }
        options={ALERT_VIEWS.map((value) => ({ value, label: t(`alerts.views.${value}`) }))}
        className="filter-view"
      />
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
        <Segmented
          size="small"
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
