import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router'
import { FIGURE_NAMES, FIGURES, PARTS } from '../../../../core/statistics/figures.ts'
import { figureAlertsQuery, figureCasesQuery } from '../api/statistics.ts'
import { CaseTable } from '../cases/CaseTable.tsx'
import { ListState, MoreButton } from '../parts/ListState.tsx'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'
import { placeText, useTypeName } from '../words/names.ts'

/** Exactly the cases that a figure counted. */
export function FigureCasesPage() {
  const { t } = useTranslation()
  const [params] = useSearchParams()
  const query = useInfiniteQuery(figureCasesQuery(params.toString()))
  const cases = query.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className="page">
      <Head of="cases" />
      <ListState
        query={query}
        what={t('nav.cases')}
        empty={cases.length === 0}
        emptyText={<p>{t('cases.noneFound')}</p>}
      >
        <CaseTable cases={cases} />
        <MoreButton query={query} />
      </ListState>
    </div>
  )
}

/** Exactly the judged alerts behind the share of false alarms. */
export function FigureAlertsPage() {
  const { t } = useTranslation()
  const label = useLabel()
  const typeName = useTypeName()
  const [params] = useSearchParams()
  const query = useInfiniteQuery(figureAlertsQuery(params.toString()))
  const alerts = query.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className="page">
      <Head of="alerts" />
      <ListState
        query={query}
        what={t('nav.alerts')}
        empty={alerts.length === 0}
        emptyText={<p>{t('cases.noneFound')}</p>}
      >
        <div className="table-scroll">
          <table className="figure-table">
            <thead>
              <tr>
                <th scope="col">{t('statistics.opened')}</th>
                <th scope="col">{t('cases.matter')}</th>
                <th scope="col">{t('cases.place')}</th>
                <th scope="col">{t('statistics.rule')}</th>
                <th scope="col">{t('statistics.verdict')}</th>
              </tr>
            </thead>
            <tbody>
              {alerts.map((alert) => (
                <tr key={alert.id}>
                  <th scope="row">
                    <Link to={`/alerts/${alert.id}`}>
                      <Moment at={alert.openedAt} full />
                    </Link>
                  </th>
                  <td>
                    <SeverityChip severity={alert.severity} /> {typeName(alert.type)}
                  </td>
                  <td className="break">{placeText(alert.place, label(alert.cameraName))}</td>
                  <td className="break">{alert.rule}</td>
                  <td>{alert.verdict ? t(`verdict.${alert.verdict}`) : '—'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <MoreButton query={query} />
      </ListState>
    </div>
  )
}

function Head({ of }: { readonly of: 'cases' | 'alerts' }) {
  const { t } = useTranslation()
  const label = useLabel()
  const [params] = useSearchParams()
  const figure =
    of === 'alerts' ? 'falseAlarm' : (FIGURE_NAMES.find((each) => each === params.get('figure')) ?? 'filed')
  const part = PARTS.find((each) => each === params.get('part')) ?? 'denominator'
  const words = FIGURES[figure]
  const title = `${label(words)} · ${t(`statistics.part.${part}`)}`
  usePageTitle(title)
  const [from, to] = [params.get('from'), params.get('to')]
  const back = new URLSearchParams(params)
  for (const name of ['figure', 'part', 'key', 'source', 'rule']) back.delete(name)
  return (
    <header className="page-head">
      <h1>{title}</h1>
      <p className="caption">
        {[
          from && to ? `${from} – ${to}` : null,
          part === 'numerator' || part === 'denominator' ? label(words[part]) : null,
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <Link to={`/statistics?${back}`}>‹ {t('statistics.back')}</Link>
    </header>
  )
}
