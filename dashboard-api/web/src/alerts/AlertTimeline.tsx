import { useTranslation } from 'react-i18next'
import type { AlertDetail } from '../api/types.ts'
import { Moment } from '../time/Moment.tsx'
import { endText, rejectText } from './reject-text.ts'

/** Detected, seen, judged, filed, notified: who and when, oldest first. */
export function AlertTimeline({ items }: { readonly items: AlertDetail['timeline'] }) {
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
              <span className="caption break" title={item.detail}>
                {' · '}
                {item.kind === 'resolved' ? endText(t, item.detail) : rejectText(t, i18n, item.detail)}
              </span>
            ) : null}
          </span>
        </li>
      ))}
    </ol>
  )
}
