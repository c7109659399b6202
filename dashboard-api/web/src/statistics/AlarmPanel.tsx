import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { ALARM_LIMITS } from '../../../../core/statistics/figures.ts'
import { alarmStatisticsQuery } from '../api/statistics.ts'
import { ListState } from '../parts/ListState.tsx'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'
import { useTypeName } from '../words/names.ts'
import { isSmall, percentText } from './share.ts'

/** How much came to each operator, beside what a person can take; and what gives the most false alarms. */
export function AlarmPanel({ from, to }: { readonly from: string | null; readonly to: string | null }) {
  const { t } = useTranslation()
  const label = useLabel()
  const typeName = useTypeName()
  const query = useQuery(alarmStatisticsQuery({ from, to }))
  const { load, falseAlarms = [] } = query.data ?? {}
  const period = { from: query.data?.from ?? '', to: query.data?.to ?? '' }
  const flood = load ? { numerator: load.flooded, denominator: load.windows } : null
  const value = (number: number | null | undefined) =>
    typeof number === 'number' ? Number(number.toFixed(1)) : '—'
  const list = (source: string, rule: string, part: string) =>
    `/statistics/alerts?${new URLSearchParams({ ...period, by: 'type', source, rule, part })}`
  return (
    <ListState query={query} what={t('statistics.alarms')} empty={!load} emptyText={null}>
      <section>
        <h2>{t('statistics.alarms')}</h2>
        <div className="table-scroll">
          <table className="figure-table">
            <thead>
              <tr>
                <th scope="col">{t('statistics.measure')}</th>
                <th scope="col" className="cell-figure">
                  {t('statistics.measured')}
                </th>
                <th scope="col">{t('statistics.limit')}</th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">{t('statistics.median')}</th>
                <td className="cell-figure num">{value(load?.median)}</td>
                <td>
                  {t('statistics.medianLimit', {
                    fine: ALARM_LIMITS.comfortable,
                    most: ALARM_LIMITS.manageable,
                  })}
                </td>
              </tr>
              <tr>
                <th scope="row">{t('statistics.max')}</th>
                <td className="cell-figure num">
                  {value(load?.max)}
                  {load?.busiest ? (
                    <span className="share-of">
                      <Moment at={load.busiest.at} full />
                    </span>
                  ) : null}
                </td>
                <td>{t('statistics.maxLimit', { over: ALARM_LIMITS.floodOver })}</td>
              </tr>
              <tr>
                <th scope="row">{t('statistics.flood')}</th>
                <td className="cell-figure num">
                  {flood ? percentText(flood) : '—'}
                  <span className="share-of">
                    {flood?.numerator} / {flood?.denominator}
                  </span>
                </td>
                <td>
                  {t('statistics.floodLimit', {
                    share: ALARM_LIMITS.floodShare * 100,
                    over: ALARM_LIMITS.floodOver,
                    under: ALARM_LIMITS.floodEndsUnder,
                  })}
                </td>
              </tr>
            </tbody>
          </table>
        </div>
        <p className="caption">
          {t('statistics.loadNote', {
            alarms: load?.alarms,
            windows: load?.windows,
            unattended: load?.unattended,
          })}
        </p>
      </section>
      <section>
        <h2>{t('statistics.worst')}</h2>
        {falseAlarms.length === 0 ? (
          <p className="caption">{t('statistics.noFalse')}</p>
        ) : (
          <div className="table-scroll">
            <table className="figure-table">
              <thead>
                <tr>
                  <th scope="col">{t('statistics.camera')}</th>
                  <th scope="col">{t('statistics.rule')}</th>
                  <th scope="col" className="cell-figure">
                    {t('statistics.falseShare')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {falseAlarms.map(({ source, sourceName, rule, type, share }) => (
                  <tr key={`${source} ${rule} ${type}`}>
                    <th scope="row">{label(sourceName)}</th>
                    <td>
                      {typeName(type)} <span className="caption">{rule}</span>
                    </td>
                    <td className="cell-figure num">
                      <span data-small={isSmall(share) || undefined}>
                        <span className="share">{percentText(share)}</span>
                        <span className="share-of">
                          <Link to={list(source, rule, 'numerator')}>{share.numerator}</Link>
                          {' / '}
                          <Link to={list(source, rule, 'denominator')}>{share.denominator}</Link>
                        </span>
                      </span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </ListState>
  )
}
