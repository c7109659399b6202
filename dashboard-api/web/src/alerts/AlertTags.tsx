import { useTranslation } from 'react-i18next'
import type { AlertItem } from '../api/types.ts'
import { Moment } from '../time/Moment.tsx'
import { rejectText } from './reject-text.ts'

/** Machine state, verdict, acknowledgement and case of an alert, in words. Colour only where something is wrong. */
export function AlertTags({ alert }: { readonly alert: AlertItem }) {
  const { t, i18n } = useTranslation()
  const verdict =
    alert.verdict === 'rejected' && alert.verdictReason
      ? `${t('verdict.rejected')} · ${rejectText(t, i18n, alert.verdictReason)}`
      : t(`verdict.${alert.verdict ?? 'none'}`)
  return (
    <>
      <span className={alert.state === 'firing' ? 'tag tag-firing' : 'tag'}>
        {t(`alertState.${alert.state}`)}
      </span>
      <span className={alert.verdict === null ? 'tag tag-open' : 'tag'}>{verdict}</span>
      {alert.acknowledgedBy ? <span className="tag">{t('alert.acknowledgedShort')}</span> : null}
      {alert.suppressedBy ? (
        <span className="tag">{t('alert.suppressed', { cause: alert.suppressedBy })}</span>
      ) : null}
      {alert.muted ? (
        <span className="tag" title={`${alert.muted.by}: ${alert.muted.reason}`}>
          {t('mute.until')} <Moment at={alert.muted.until} />
        </span>
      ) : null}
      {alert.lost ? (
        <span className="tag tag-warn" title={t('alert.lostWhy')}>
          {t('alert.lost')}
        </span>
      ) : null}
      {alert.withdrawnAt ? (
        <span className="tag tag-warn" title={t('alert.withdrawnWhy')}>
          {t('alert.withdrawn')}
        </span>
      ) : null}
      {alert.caseNo ? <span className="tag num">{alert.caseNo}</span> : null}
    </>
  )
}
