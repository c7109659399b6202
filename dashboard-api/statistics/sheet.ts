import writeExcelFile, { type Cell, type SheetData } from 'write-excel-file/node'
import type { Statistics, StatisticsRow } from '../../core/api/statistics.ts'
import { HAZARD_TYPES, typeFacts } from '../../core/catalogue.ts'
import { FIGURE_NAMES, FIGURES, type Grouping, NO_KEY } from '../../core/statistics/figures.ts'
import type { Share } from '../../core/statistics/judge.ts'

type Language = 'zh' | 'en'

const WORDS = {
  zh: {
    ...{
      sheet: '统计',
      definitions: '定义',
      total: '合计',
      none: '无',
      voided: '作废',
      of: '分母',
      unit: '分组',
    },
    ...{
      period: '期间',
      at: '统计时刻',
      limit: '派遣时限（分钟）',
      figure: '指标',
      numerator: '分子',
      denominator: '分母',
    },
    only: '仅本部门',
    by: { type: '类型', department: '主办单位', grid: '网格', day: '日', month: '月' },
  },
  en: {
    ...{
      sheet: 'Statistics',
      definitions: 'Definitions',
      total: 'Total',
      none: 'none',
      voided: 'Voided',
      of: 'of',
    },
    ...{ unit: 'Group', period: 'Period', at: 'As of', limit: 'Dispatch limit (minutes)', figure: 'Figure' },
    ...{ numerator: 'Numerator', denominator: 'Denominator', only: 'Own department only' },
    by: { type: 'Type', department: 'Lead department', grid: 'Grid', day: 'Day', month: 'Month' },
  },
} as const satisfies Record<Language, unknown>

/** Every text is typed as one: what begins with "=" is shown and never computed. */
const text = (value: string, bold = false): Cell => ({
  type: String,
  value,
  ...(bold && { fontWeight: 'bold' as const }),
})
const number = (value: number, format?: string): Cell => ({ type: Number, value, ...(format && { format }) })
const EMPTY: Cell = null

/** Name of a row on screen and in the sheet. */
export function rowName({ key, name }: StatisticsRow, by: Grouping, language: Language): string {
  if (key === NO_KEY) return WORDS[language].none
  if (name) return name[language]
  const type = by === 'type' ? HAZARD_TYPES.find((each) => each === key) : undefined
  return type ? typeFacts(type)[language] : key
}

/** The figures and their definitions as a workbook. Counts are whole numbers, shares fractions shown as per cent. */
export function toWorkbook(statistics: Statistics, language: Language): Promise<Buffer> {
  const words = WORDS[language]
  const { by, from, to, timezone, at, limitedTo, dispatchLimitMs } = statistics
  const head = FIGURE_NAMES.flatMap((figure) => {
    const name = FIGURES[figure][language]
    return FIGURES[figure].shown === 'count'
      ? [text(name, true)]
      : [text(name, true), text(`${name}: ${words.of}`, true)]
  })
  const data: SheetData = [
    [text(words.period), text(`${from} – ${to} (${timezone})`)],
    [text(words.at), text(at)],
    [text(words.limit), number(dispatchLimitMs / 60_000)],
    ...(limitedTo ? [[text(words.only), text(limitedTo.name[language])]] : []),
    [],
    [text(words.by[by], true), ...head, text(words.voided, true)],
    [text(words.total, true), ...cellsOf(statistics.total)],
    ...statistics.rows.map((row) => [text(rowName(row, by, language)), ...cellsOf(row)]),
  ]
  const definitions: SheetData = [
    [text(words.figure, true), text(words.numerator, true), text(words.denominator, true)],
    ...FIGURE_NAMES.map((figure) => {
      const { numerator, denominator, ...name } = FIGURES[figure]
      return [text(name[language]), text(numerator[language]), text(denominator[language])]
    }),
  ]
  const wide = { width: 60 }
  return writeExcelFile([
    { data, sheet: words.sheet, columns: [{ width: 24 }, ...head.map(() => ({ width: 14 }))] },
    { data: definitions, sheet: words.definitions, columns: [{ width: 18 }, wide, wide] },
  ]).toBuffer()
}

const cellsOf = ({ figures, voided }: StatisticsRow): Cell[] => [
  ...FIGURE_NAMES.flatMap((figure) => {
    const share = figures[figure] ?? null
    if (FIGURES[figure].shown === 'count') return [share ? number(share.numerator) : EMPTY]
    return [rateOf(share), share ? number(share.denominator) : EMPTY]
  }),
  number(voided),
]

/** Nothing of nothing is no share: the cell is empty. */
const rateOf = (share: Share | null): Cell =>
  share && share.denominator > 0 ? number(share.numerator / share.denominator, '0.0%') : EMPTY
