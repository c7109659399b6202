import { useQuery } from '@tanstack/react-query'
import { Button, Input, Switch } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router'
import { withParam } from '../alerts/filter.ts'
import { coverageDayQuery } from '../api/health-desk.ts'
import { Field } from '../parts/Field.tsx'
import { ListState } from '../parts/ListState.tsx'
import { formatTime } from '../time/format.ts'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'
import { heatOf, isBad, shareText } from './heat.ts'

const PAGE = 100
/** Told apart by their sign, the tone only helps. */
const SIGNS = { watched: '■', part: '◧', pulled: '□', none: '×', future: '' } as const

/** Camera by hour: watched, pulled only, nobody; the least watched first. A table, so that it can be read out. */
export function CoverageHeat() {
  const { t } = useTranslation()
  const label = useLabel()
  const [params, setParams] = useSearchParams()
  const [shown, setShown] = useState(PAGE)
  const day = params.get('day')
  const onlyBad = params.get('bad') === 'true'
  const query = useQuery(coverageDayQuery(day))
  const coverage = query.data
  const set = (name: string, value: string | null) =>
    setParams(withParam(params, name, value), { replace: true })
  const cameras = (coverage?.cameras ?? []).filter(
    (camera) => !onlyBad || isBad(camera, coverage?.elapsed ?? []),
  )
  const passed = (coverage?.elapsed ?? []).reduce((sum, each) => sum + each, 0)
  return (
    <section>
      <h2>{t('healthDesk.coverage')}</h2>
      <div className="filters">
        <Field label={t('healthDesk.day')}>
          {(id) => (
            <Input
              id={id}
              type="date"
              value={day ?? coverage?.day ?? ''}
              onChange={(event) => set('day', event.target.value)}
            />
          )}
        </Field>
        <Field label={t('healthDesk.onlyBad')} layout="beside">
          {(id) => <Switch id={id} checked={onlyBad} onChange={(on) => set('bad', on ? 'true' : null)} />}
        </Field>
        <p className="caption">
          {(['watched', 'part', 'pulled', 'none'] as const).map((each) => (
            <span key={each} className="legend">
              <span className="heat-sign" data-heat={each} aria-hidden>
                {SIGNS[each]}
              </span>{' '}
              {t(`healthDesk.heat.${each}`)}
            </span>
          ))}
        </p>
      </div>
      <ListState
        query={query}
        what={t('healthDesk.coverage')}
        empty={!coverage || cameras.length === 0}
        emptyText={
          <p>{t(onlyBad && coverage?.cameras.length ? 'healthDesk.noneBad' : 'healthDesk.noCameras')}</p>
        }
      >
        {coverage ? (
          <>
            <p className="caption">
              {t('healthDesk.analysed', {
                share: shareText(coverage.total.watched, coverage.total.possible),
                pulled: shareText(coverage.total.pulled, coverage.total.possible),
              })}{' '}
              · {t('healthDesk.asOf')} <Moment at={coverage.at} full />
            </p>
            <div className="table-scroll">
              <table className="heat">
                <thead>
                  <tr>
                    <th scope="col">{t('healthDesk.camera')}</th>
                    <th scope="col">{t('healthDesk.share')}</th>
                    {coverage.hours.map((hour) => (
                      <th key={hour} scope="col" className="num">
                        {formatTime(Date.parse(hour), coverage.timezone).slice(0, 2)}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {cameras.slice(0, shown).map((camera) => (
                    <tr key={camera.id}>
                      <th scope="row">
                        <Link to={`/cameras/${encodeURIComponent(camera.id)}`}>{label(camera.name)}</Link>
                      </th>
                      <td className="num">{shareText(camera.total.watched, passed)}</td>
                      {camera.hours.map((hour, n) => {
                        const elapsed = coverage.elapsed[n] ?? 0
                        const heat = heatOf(hour, elapsed)
                        const words =
                          heat === 'future'
                            ? t('healthDesk.heat.future')
                            : `${t(`healthDesk.heat.${heat}`)} ${shareText(hour.watched, elapsed)}`
                        return (
                          <td key={coverage.hours[n]} data-heat={heat} title={words}>
                            <span aria-hidden>{SIGNS[heat]}</span>
                            <span className="sr-only">{words}</span>
                          </td>
                        )
                      })}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            {cameras.length > shown ? (
              <div className="more">
                <Button onClick={() => setShown(shown + PAGE)}>
                  {t('healthDesk.moreCameras', { n: cameras.length - shown })}
                </Button>
              </div>
            ) : null}
          </>
        ) : null}
      </ListState>
    </section>
  )
}
