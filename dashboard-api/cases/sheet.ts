import writeXlsxFile, { type Row } from 'write-excel-file/node'
import type { CaseItem } from '../../core/api/shapes.ts'
import { CASE_STATE_LABELS } from '../../core/case/words.ts'
import { CATALOGUE } from '../../core/catalogue.ts'

export type SheetLanguage = 'zh' | 'en'

const HEADS: Readonly<Record<SheetLanguage, readonly string[]>> = {
  zh: [
    '编号',
    '类型',
    '级别',
    '地点',
    '网格',
    '点位',
    '状态',
    '主办部门',
    '协办部门',
    '立案时间',
    '立案人',
    '时限',
    '计时',
    '返工次数',
    '延期次数',
    '结案时间',
  ],
  en: [
    'No.',
    'Type',
    'Severity',
    'Place',
    'Grid',
    'Camera',
    'State',
    'Lead',
    'Assisting',
    'Filed',
    'Filed by',
    'Due',
    'Clock',
    'Rework',
    'Extensions',
    'Closed',
  ],
}
const WIDTHS = [14, 16, 6, 36, 14, 20, 10, 18, 24, 17, 16, 17, 8, 8, 8, 17]
const TIMES = {
  zh: { working: '工作时', calendar: '自然时' },
  en: { working: 'working', calendar: 'calendar' },
} as const
/** Excel refuses a file with a longer text. */
const MAX_TEXT = 32_000

/**
 * A text cell that is a text, whatever it begins with: the type is given, so nothing becomes a formula. XML has no
 * place for other control characters than tab and line ends.
 */
export const textCell = (text: string) => ({
  value: text.replaceAll(/[^\P{Cc}\t\n\r]|\p{Cs}|[\uFFFE\uFFFF]/gu, '').slice(0, MAX_TEXT),
  type: String,
})
const numberCell = (value: number) => ({ value, type: Number })

/** The cases of a list as a workbook of one sheet; the last line says how many they are. Times are the city's. */
export function casesWorkbook(
  cases: readonly CaseItem[],
  about: {
    readonly language: SheetLanguage
    readonly timezone: string
    readonly now: string
    readonly departmentName: (id: string) => { zh: string; en: string }
  },
): Promise<Buffer> {
  const { language, timezone, now } = about
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'short',
  })
  const time = (iso: string | null | undefined) => textCell(iso ? format.format(Date.parse(iso)) : '')
  const department = (id: string) => about.departmentName(id)[language]
  const rows: Row[] = cases.map((item) => [
    textCell(item.no),
    textCell(CATALOGUE[item.type as keyof typeof CATALOGUE]?.[language] ?? item.type),
    numberCell(item.severity),
    textCell(item.place.address ?? ''),
    textCell(item.place.grid ?? ''),
    textCell(item.cameraName?.[language] ?? ''),
    textCell(CASE_STATE_LABELS[item.state][language]),
    textCell(item.lead === null ? '' : department(item.lead)),
    textCell(item.assist.map(department).join('、')),
    time(item.filedAt),
    textCell(item.filedBy),
    time(item.due?.at),
    textCell(item.due ? TIMES[language][item.due.time] : ''),
    numberCell(item.reworkCount),
    numberCell(item.extensionCount),
    time(item.closedAt),
  ])
  const stamp = format.format(Date.parse(now))
  const total =
    language === 'zh'
      ? `共 ${cases.length} 件，${stamp} 导出（${timezone}）`
      : `${cases.length} cases, exported ${stamp} (${timezone})`
  const head = HEADS[language].map((text) => ({ ...textCell(text), fontWeight: 'bold' as const }))
  return writeXlsxFile([head, ...rows, [], [textCell(total)]], {
    sheet: language === 'zh' ? '案件' : 'Cases',
    columns: WIDTHS.map((width) => ({ width })),
    stickyRowsCount: 1,
  }).toBuffer()
}
