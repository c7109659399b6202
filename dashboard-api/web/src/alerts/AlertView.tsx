import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { alertQuery } from '../api/alerts.ts'
import { toApiError } from '../api/problem.ts'
import type { AlertDetail } from '../api/types.ts'
import { useClaim, useLookers } from '../desk/use-claim.ts'
import { AlertHolds } from '../evidence/AlertHolds.tsx'
import { PlaceMap } from '../map/PlaceMap.tsx'
import { LoadingShape } from '../parts/ListState.tsx'
import { NotificationList } from '../parts/NotificationList.tsx'
import { PlaceFacts } from '../parts/PlaceFacts.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { useSession } from '../session/session.ts'
import { formatSpan } from '../time/format.ts'
import { Moment } from '../time/Moment.tsx'
import { useNow } from '../time/use-now.ts'
import { useComma, useLabel, useLanguage } from '../words/language.ts'
import { placeText, useTypeName } from '../words/names.ts'
import { AlertActions } from './AlertActions.tsx'
import { AlertAround } from './AlertAround.tsx'
import { AlertCause } from './AlertCause.tsx'
import { AlertMedia } from './AlertMedia.tsx'
import { AlertTags } from './AlertTags.tsx'
import { AlertTimeline } from './AlertTimeline.tsx'
import { NearbyPictures } from './NearbyPictures.tsx'

export interface AlertViewProps {
  readonly id: string
  /** On a narrow screen the list is another page. */
  readonly onBack: (() => void) | null
}

export function AlertView({ id, onBack }: AlertViewProps) {
  const { t } = useTranslation()
  const query = useQuery(alertQuery(id))
  return (
    <article className="pane alert-view">
      {onBack ? (
        <Button type="link" className="back" onClick={onBack}>
          ‹ {t('alerts.backToList')}
        </Button>
      ) : null}
      {query.isPending ? <LoadingShape rows={8} /> : null}
      {query.error ? <Failed error={query.error} retry={() => void query.refetch()} /> : null}
      {query.data ? <AlertBody alert={query.data} /> : null}
    </article>
  )
}

function Failed({ error, retry }: { readonly error: unknown; readonly retry: () => void }) {
  const { t } = useTranslation()
  if (toApiError(error).status === 404) return <p className="empty">{t('alert.gone')}</p>
  return (
    <ProblemNotice what={t('common.notLoaded', { what: t('words.alert') })} error={error} onRetry={retry} />
  )
}

function AlertBody({ alert }: { readonly alert: AlertDetail }) {
  const { t } = useTranslation()
  const comma = useComma()
  const looking = useLookers().get(alert.id)
  useClaim(alert.id)
  const typeName = useTypeName()
  const label = useLabel()
  const place = placeText(alert.place, label(alert.cameraName))
  usePageTitle(`${typeName(alert.type)} ${place}`)
  return (
    <>
      <header className="pane-head">
        <h1>
          <SeverityChip severity={alert.severity} /> {typeName(alert.type)}{' '}
          <span className="head-place">{place}</span>
        </h1>
        <div className="head-facts">
          <span>
            {t('alert.since')} <Moment at={alert.since} />
          </span>
          <Lasting alert={alert} />
          <AlertTags alert={alert} />
          {looking ? (
            <span className="tag tag-looking">{t('desk.looking', { who: looking.join(comma) })}</span>
          ) : null}
        </div>
      </header>
      <AlertActions alert={alert} />
      <div className="alert-columns">
        <div className="alert-pictures">
          <AlertMedia alert={alert} />
          <NearbyPictures alert={alert} />
        </div>
        <div className="facts">
          <AlertCause alert={alert} />
          <section>
            <h2>{t('alert.place')}</h2>
            <PlaceFacts
              place={alert.place}
              camera={alert.camera}
              cameraName={alert.cameraName}
              purpose={alert.purpose}
              isSensor={alert.cause.source.kind === 'sensor'}
            />
            <PlaceMap place={alert.place} item={{ kind: 'alert', id: alert.id, severity: alert.severity }} />
            <SameCamera alert={alert} />
          </section>
          {alert.notifications.length > 0 ? (
            <section>
              <h2>{t('notification.title')}</h2>
              <NotificationList items={alert.notifications} />
            </section>
          ) : null}
          <AlertHolds key={alert.id} alert={alert} />
          <AlertAround alert={alert} />
          <section>
            <h2>{t('alert.timeline')}</h2>
            <AlertTimeline items={alert.timeline} />
          </section>
        </div>
      </div>
    </>
  )
}

function Lasting({ alert }: { readonly alert: AlertDetail }) {
  const { t } = useTranslation()
  const language = useLanguage()
  const now = useNow()
  const end = alert.resolvedAt ? Date.parse(alert.resolvedAt) : now
  return (
    <span className="num">
      {t('alert.lasted', { span: formatSpan(end - Date.parse(alert.since), language) })}
    </span>
  )
}

function SameCamera({ alert }: { readonly alert: AlertDetail }) {
  const { t } = useTranslation()
  const { city } = useSession()
  const values = { n: alert.sameCamera24h, city: city.name }
  const text =
    alert.cause.source.kind === 'sensor' ? t('alert.sameSensor', values) : t('alert.sameCamera', values)
  if (alert.sameCamera24h === 0) return <p className="caption">{text}</p>
  return (
    <p>
      <Link to={`/alerts?view=all&camera=${encodeURIComponent(alert.camera)}`}>{text}</Link>
    </p>
  )
}
