import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { factorName } from '../../../../core/sensors/factors.ts'
import { stillUrl } from '../api/alerts.ts'
import { aroundQuery } from '../api/around.ts'
import type { AlertDetail } from '../api/types.ts'
import { StateMark } from '../cameras/CameraList.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'
import { useTypeName } from '../words/names.ts'
import { ScoreCurve } from './ScoreCurve.tsx'

/** What stands around an alert: its score over time, the same place within a day, cameras and sensors near. */
export function AlertAround({ alert }: { readonly alert: AlertDetail }) {
  const { t } = useTranslation()
  const label = useLabel()
  const typeName = useTypeName()
  const query = useQuery(aroundQuery(alert.id))
  if (query.error) {
    return (
      <ProblemNotice
        what={t('common.notLoaded', { what: t('around.title') })}
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    )
  }
  const around = query.data
  if (!around) return null
  const located = alert.place.lon !== undefined && alert.place.lat !== undefined
  return (
    <>
      <ScoreCurve around={around} />
      <section>
        <h2>{t('around.samePlace')}</h2>
        {around.samePlace.length === 0 ? <p className="caption">{t('around.noneSame')}</p> : null}
        <ul className="same-place">
          {around.samePlace.map((same) => (
            <li key={same.id}>
              <Link to={`/alerts/${same.id}?view=all`}>
                {same.still === 'ready' ? (
                  <img src={stillUrl(same.id, 'thumb')} alt="" loading="lazy" />
                ) : (
                  <span className="same-none caption">{t(`picture.${same.still}`)}</span>
                )}
                <SeverityChip severity={same.severity} /> {typeName(same.type)} <Moment at={same.startedAt} />
              </Link>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2>{t('around.cameras')}</h2>
        {located ? null : <p className="caption">{t('around.noPoint')}</p>}
        {located && around.cameras.length === 0 ? <p className="caption">{t('around.noCameras')}</p> : null}
        <ul className="near-list">
          {around.cameras.map(({ id, name, metres, state }) => (
            <li key={id}>
              <Link to={`/cameras/${encodeURIComponent(id)}`}>{label(name)}</Link>{' '}
              <span className="num caption">{t('around.metres', { n: Math.round(metres) })}</span>{' '}
              <StateMark state={state} />
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2>{t('around.sensors')}</h2>
        {located && around.sensors.length === 0 ? <p className="caption">{t('around.noSensors')}</p> : null}
        <ul className="near-list">
          {around.sensors.map(({ metres, sensor }) => (
            <li key={sensor.id}>
              {label(sensor.name)} · {label(factorName(sensor.factor))}{' '}
              <strong className="num">
                {sensor.last?.value === null || sensor.last === null
                  ? t('around.noReading')
                  : `${sensor.last.value} ${sensor.unit}`}
              </strong>{' '}
              {sensor.last ? <Moment at={sensor.last.at} /> : null}{' '}
              <span className="num caption">{t('around.metres', { n: Math.round(metres) })}</span>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}
