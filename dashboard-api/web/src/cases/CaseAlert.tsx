import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { AlertTags } from '../alerts/AlertTags.tsx'
import { stillUrl } from '../api/alerts.ts'
import type { AlertItem } from '../api/types.ts'
import { replayUrl } from '../history/link.ts'
import { useSession } from '../session/session.ts'
import { Moment } from '../time/Moment.tsx'
import { useTypeName } from '../words/names.ts'

/** The alert a case was filed from: its picture, its state now, and the way to it. */
export function CaseAlert({ alert }: { readonly alert: AlertItem }) {
  const { t } = useTranslation()
  const typeName = useTypeName()
  const session = useSession()
  const bySensor = alert.type === 'exceedance' || alert.type === 'sensor_fault'
  const replay = bySensor ? null : replayUrl(session, alert.camera, Date.parse(alert.since), alert.caseNo)
  return (
    <section>
      <h2>{t('case.alert')}</h2>
      <Link className="case-alert" to={`/alerts/${alert.id}`}>
        {alert.still === 'ready' ? (
          <img src={stillUrl(alert.id, 'thumb')} alt={t('picture.alt', { type: typeName(alert.type) })} />
        ) : (
          <span className="row-thumb">{t(`picture.${alert.still}`)}</span>
        )}
        <span>
          {typeName(alert.type)} · <Moment at={alert.startedAt} />
        </span>
      </Link>
      <div className="row-tags">
        <AlertTags alert={alert} />
        {replay ? <Link to={replay}>{t('history.replay')}</Link> : null}
      </div>
    </section>
  )
}
