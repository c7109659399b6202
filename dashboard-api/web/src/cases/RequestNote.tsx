import { useTranslation } from 'react-i18next'
import type { CaseDetail } from '../api/types.ts'
import { actorName } from '../parts/actor-name.ts'
import { Moment } from '../time/Moment.tsx'

/** What the department asked for and why, where it is decided. */
export function RequestNote({ detail }: { readonly detail: CaseDetail }) {
  const { t } = useTranslation()
  if (detail.state !== 'return_requested' && detail.state !== 'extension_requested') return null
  const kind = detail.state === 'return_requested' ? 'return' : 'extend'
  const entry = detail.log.findLast((each) => each.kind === kind)
  if (!entry) return null
  const until = typeof entry.data.until === 'string' ? entry.data.until : null
  return (
    <div className="request-note">
      <strong>{t(`move.${kind}`)}</strong>{' '}
      {until ? (
        <>
          {t('log.until')} <Moment at={until} full />{' '}
        </>
      ) : null}
      <span className="caption">
        {actorName(t, entry.actor, entry.actorKind)} · <Moment at={entry.at} />
        {kind === 'extend' ? ` · ${t('request.granted', { n: detail.extensionCount })}` : null}
      </span>
      {entry.reason ? <p className="log-reason break">{entry.reason}</p> : null}
    </div>
  )
}
