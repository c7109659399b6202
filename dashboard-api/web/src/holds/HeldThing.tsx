import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { ListedHold } from '../api/holds.ts'
import { replayUrl } from '../history/link.ts'
import { useSession } from '../session/session.ts'
import { Moment } from '../time/Moment.tsx'

/** What a hold is about, with the way to it where this person may go. */
export function HeldThing({ owner }: { readonly owner: ListedHold['owner'] }) {
  const { t } = useTranslation()
  const session = useSession()
  const { kind, id, camera, from, to } = owner
  if (kind === 'case')
    return (
      <span>
        {t('holds.case')} <Link to={`/cases/${encodeURIComponent(id)}`}>{id}</Link>
      </span>
    )
  if (kind === 'alert')
    return (
      <span>
        <Link to={`/alerts/${encodeURIComponent(id)}`}>{t('holds.alert')}</Link>{' '}
        <span className="caption break">{id}</span>
      </span>
    )
  if (camera === null || from === null || to === null) return <span>{t('holds.recording')}</span>
  const replay = replayUrl(session, camera, Date.parse(from))
  return (
    <span>
      {t('holds.recording')}{' '}
      {replay ? (
        <Link to={replay} className="break">
          {camera}
        </Link>
      ) : (
        <strong className="break">{camera}</strong>
      )}{' '}
      <Moment at={from} full /> – <Moment at={to} full />
    </span>
  )
}
