import { useTranslation } from 'react-i18next'
import type { AlertItem } from '../api/types.ts'
import { ListState } from '../parts/ListState.tsx'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { Age } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'
import { placeText, useTypeName } from '../words/names.ts'

interface Props {
  readonly query: { readonly isPending: boolean; readonly error: unknown; readonly refetch: () => unknown }
  readonly alerts: readonly AlertItem[]
}

/** Open alerts of severity 1 and 2: the more severe first, then the newer. */
export function WallAlerts({ query, alerts }: Props) {
  const { t } = useTranslation()
  const label = useLabel()
  const typeName = useTypeName()
  const sorted = alerts.toSorted((a, b) => a.severity - b.severity || b.startedAt.localeCompare(a.startedAt))
  const count = (severity: number) => alerts.filter((alert) => alert.severity === severity).length
  return (
    <>
      <p className="wall-counts num">
        <SeverityChip severity={1} /> {count(1)} <SeverityChip severity={2} /> {count(2)}
      </p>
      <div className="wall-alerts">
        <ListState
          query={query}
          what={t('wall.alerts')}
          empty={sorted.length === 0}
          emptyText={<p>{t('wall.quiet')}</p>}
        >
          <ul>
            {sorted.map((alert) => (
              <li key={alert.id}>
                <span className="row-line">
                  <SeverityChip severity={alert.severity} />
                  <strong className="clip-text">{typeName(alert.type)}</strong>
                  <span className="row-age num">
                    <Age at={alert.startedAt} />
                  </span>
                </span>
                <span className="row-place clip-text">{placeText(alert.place, label(alert.cameraName))}</span>
              </li>
            ))}
          </ul>
        </ListState>
      </div>
    </>
  )
}
