import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { Statistics, StatisticsRow } from '../../../../core/api/statistics.ts'
import { FIGURE_NAMES, FIGURES, type Figure, NO_KEY } from '../../../../core/statistics/figures.ts'
import { useLabel } from '../words/language.ts'
import { useTypeName } from '../words/names.ts'
import { isSmall, listPath, percentText } from './share.ts'

interface Props {
  readonly statistics: Statistics
  readonly filters: Readonly<Record<string, string | null>>
}

/** One row a group, the whole city first. Every number is the way to its cases. */
export function FigureTable({ statistics, filters }: Props) {
  const { t } = useTranslation()
  const label = useLabel()
  const name = useRowName(statistics.by)
  return (
    <section className="table-scroll" aria-label={t('statistics.figures')}>
      <table className="figure-table">
        <thead>
          <tr>
            <th scope="col">{t(`statistics.by.${statistics.by}`)}</th>
            {FIGURE_NAMES.map((figure) => (
              <th key={figure} scope="col" className="cell-figure">
                <a href={`#figure-${figure}`}>{label(FIGURES[figure])}</a>
              </th>
            ))}
            <th scope="col" className="cell-figure">
              {t('statistics.voided')}
            </th>
          </tr>
        </thead>
        <tbody>
          {[null, ...statistics.rows].map((row) => (
            <tr key={row?.key ?? 'total'} data-total={row === null || undefined}>
              <th scope="row">{row ? name(row) : t('statistics.total')}</th>
              {FIGURE_NAMES.map((figure) => (
                <td key={figure} className="cell-figure num">
                  <ShareCell {...{ statistics, filters, row, figure }} />
                </td>
              ))}
              <td className="cell-figure num">
                <Voided {...{ statistics, filters, row }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

interface CellProps extends Props {
  /** Null: the whole list. */
  readonly row: StatisticsRow | null
}

function ShareCell({ statistics, filters, row, figure }: CellProps & { readonly figure: Figure }) {
  const { t } = useTranslation()
  const share = (row ?? statistics.total).figures[figure] ?? null
  if (!share) return <span className="caption">{t('statistics.notSo')}</span>
  const to = (part: 'numerator' | 'denominator') => listPath(statistics, filters, row, figure, part)
  if (FIGURES[figure].shown === 'count')
    return share.numerator === 0 ? <>0</> : <Link to={to('numerator')}>{share.numerator}</Link>
  const small = isSmall(share)
  return (
    <span data-small={small || undefined} title={small ? t('statistics.small') : undefined}>
      <span className="share">{percentText(share)}</span>
      <span className="share-of">
        {share.numerator > 0 ? <Link to={to('numerator')}>{share.numerator}</Link> : share.numerator}
        {' / '}
        {share.denominator > 0 ? <Link to={to('denominator')}>{share.denominator}</Link> : share.denominator}
      </span>
    </span>
  )
}

function Voided({ statistics, filters, row }: CellProps) {
  const { voided } = row ?? statistics.total
  return voided === 0 ? (
    <>0</>
  ) : (
    <Link to={listPath(statistics, filters, row, 'filed', 'voided')}>{voided}</Link>
  )
}

/** What a row is about, in the reader's language. */
function useRowName(by: Statistics['by']): (row: StatisticsRow) => string {
  const { t } = useTranslation()
  const label = useLabel()
  const typeName = useTypeName()
  return ({ key, name }) => {
    if (key === NO_KEY) return t(by === 'department' ? 'statistics.noDepartment' : 'statistics.noGrid')
    if (name) return label(name)
    return by === 'type' ? typeName(key) : key
  }
}
