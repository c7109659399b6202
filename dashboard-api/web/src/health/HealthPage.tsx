import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { camerasQuery, healthQuery } from '../api/cameras.ts'
import { workersQuery } from '../api/health-desk.ts'
import { UnavailableText } from '../cameras/UnavailableText.tsx'
import { ListState } from '../parts/ListState.tsx'
import { ToldText } from '../parts/ToldText.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { hasRole, useSession } from '../session/session.ts'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'
import { useTypeName } from '../words/names.ts'
import { CoverageHeat } from './CoverageHeat.tsx'
import { PartsTable } from './PartsTable.tsx'
import { unavailableTypes } from './unavailable.ts'
import { workerNames } from './worker-name.ts'

/** What is watched and what works, bad first, each number with its time. */
export function HealthPage() {
  const { t } = useTranslation()
  usePageTitle(t('healthDesk.title'))
  const session = useSession()
  const health = useQuery(healthQuery)
  const cameras = useQuery(camerasQuery)
  const typeName = useTypeName()
  const label = useLabel()
  const items = cameras.data?.items ?? []
  const missing = unavailableTypes(items)
  const bad = items.filter(({ state }) => state !== 'online')
  const disk = health.data?.parts.find(({ name }) => name === 'disk')
  return (
    <div className="page statistics">
      <header className="page-head">
        <h1>{t('healthDesk.title')}</h1>
        <Link to="/map?bad=1">{t('map.show')}</Link>
        {cameras.data ? (
          <p>
            {t('healthDesk.online', { n: items.length - bad.length, m: items.length })}
            <span className="caption">
              {' '}
              · {t('healthDesk.asOf')} <Moment at={new Date(cameras.dataUpdatedAt).toISOString()} full />
            </span>
          </p>
        ) : null}
      </header>
      {disk ? <DiskLine facts={disk.facts ?? {}} /> : null}
      {bad.length > 0 ? (
        <section>
          <h2>{t('healthDesk.notOnline')}</h2>
          <ul className="bad-cameras">
            {bad.slice(0, 50).map(({ id, name, state, problem, trouble }) => (
              <li key={id} className="break">
                <Link to={`/cameras/${encodeURIComponent(id)}`}>{label(name)}</Link>{' '}
                <span className="caption">{id}</span> {t(`cameraState.${state}`)}{' '}
                <ToldText area="told.camera" told={trouble} text={problem} />
              </li>
            ))}
          </ul>
          {bad.length > 50 ? (
            <p className="caption">{t('healthDesk.moreBad', { n: bad.length - 50 })}</p>
          ) : null}
        </section>
      ) : null}
      <ListState query={health} what={t('healthDesk.parts')} empty={!health.data} emptyText={null}>
        {health.data ? <PartsTable health={health.data} missing={missing} /> : null}
      </ListState>
      <section>
        <h2>{t('healthDesk.types')}</h2>
        {missing.length === 0 ? (
          <p className="caption">{t('healthDesk.allTypes')}</p>
        ) : (
          <ul>
            {missing.map(({ type, reason, cameras: count }) => (
              <li key={type}>
                <strong>{typeName(type)}</strong> · {t('health.onCameras', { n: count })}
                <div className="caption">
                  <UnavailableText type={type} given={reason} />
                </div>
              </li>
            ))}
          </ul>
        )}
      </section>
      {hasRole(session, 'operator', 'investigator', 'auditor', 'admin') ? <Workers /> : null}
      <CoverageHeat />
    </div>
  )
}

/** What is free, and how long it lasts where that was measured. */
function DiskLine({ facts }: { readonly facts: Readonly<Record<string, string | number>> }) {
  const { t } = useTranslation()
  const { gib, days, hours } = facts
  if (gib === undefined) return null
  const lasts =
    hours === undefined
      ? t('healthDesk.diskNotMeasured')
      : days === undefined
        ? t('healthDesk.diskSteady', { hours })
        : t('healthDesk.diskDays', { days, hours })
  return (
    <p>
      {t('healthDesk.diskFree', { gib })} <span className="caption">{lasts}</span>
    </p>
  )
}

function Workers() {
  const { t } = useTranslation()
  const query = useQuery(workersQuery)
  const items = query.data?.items ?? []
  const names = workerNames(items.map(({ name }) => name))
  return (
    <section>
      <h2>{t('healthDesk.workers')}</h2>
      <ListState
        query={query}
        what={t('healthDesk.workers')}
        empty={items.length === 0}
        emptyText={<p>{t('healthDesk.noWorkers')}</p>}
      >
        <div className="table-scroll">
          <table className="figure-table">
            <thead>
              <tr>
                <th scope="col">{t('healthDesk.name')}</th>
                <th scope="col">{t('healthDesk.state')}</th>
                <th scope="col">{t('healthDesk.holds')}</th>
                <th scope="col">{t('healthDesk.model')}</th>
                <th scope="col">{t('healthDesk.skew')}</th>
                <th scope="col">{t('healthDesk.lastSeen')}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((worker) => (
                <tr key={worker.name}>
                  <th scope="row" title={worker.name}>
                    {names.get(worker.name) ?? worker.name}
                  </th>
                  <td className={worker.state === 'silent' ? 'failed' : undefined}>
                    {t(`healthDesk.worker.${worker.state}`)}
                  </td>
                  <td className="num">
                    {worker.cameras} / {worker.capacity}
                  </td>
                  <td className="worker-model">{worker.model ?? t('healthDesk.noModel')}</td>
                  <td className="num">
                    {worker.clockSkewMs === null
                      ? t('healthDesk.notMeasured')
                      : `${(worker.clockSkewMs / 1_000).toFixed(1)} s`}
                  </td>
                  <td className="num">
                    <Moment at={worker.lastSeenAt} full />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </ListState>
    </section>
  )
}
