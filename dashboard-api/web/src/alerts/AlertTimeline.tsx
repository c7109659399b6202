import { useTranslation } from 'react-i18next'
import type { AlertDetail } from '../api/types.ts'
import { useTold } from '../parts/told.ts'
import { useDepartmentName } from '../parts/use-department-name.ts'
import { Moment } from '../time/Moment.tsx'
import { endText, rejectText } from './reject-text.ts'

type Entry = AlertDetail['timeline'][number]

/** Detected, seen, judged, filed, notified: who and when, oldest first. */
export function AlertTimeline({ items }: { readonly items: readonly Entry[] }) {
  const { t, i18n } = useTranslation()
  return (
    <ol className="timeline">
      {items.map((item) => (
        <li key={`${item.at} ${item.kind} ${item.detail ?? ''}`}>
          <Moment at={item.at} />
          <span>
            {i18n.exists(`timeline.${item.kind}`) ? t(`timeline.${item.kind}`) : item.kind}
            {item.actor ? <span className="caption"> · {item.actor}</span> : null}
            {item.detail ? (
              <span className="caption break">
                {' · '}
                <Detail item={item} />
              </span>
            ) : null}
          </span>
        </li>
      ))}
    </ol>
  )
}

/** What the entry adds, in the reader's language where it is not data. */
function Detail({ item: { kind, detail, told } }: { readonly item: Entry }) {
  const { t, i18n } = useTranslation()
  const departmentName = useDepartmentName()
  const worded = useTold()
  if (detail === null) return null
  const english = <span lang="en">{detail}</span>
  if (kind === 'resolved') return endText(t, detail) ?? english
  if (kind === 'notification_failed') {
    const why = told && worded('told.notification', told)
    return why === null ? english : `${departmentName(String(told?.facts.department ?? ''))} · ${why}`
  }
  if (told) {
    const step = worded('notification.step', told) ?? told.code
    return `${step} → ${departmentName(String(told.facts.department ?? ''))}`
  }
  return rejectText(t, i18n, detail)
}
