import type { AuditEntry } from '../../core/api/audit.ts'

const COLUMNS = [
  'pos',
  'at',
  'who',
  'topic',
  'action',
  'object',
  'camera',
  'caseNo',
  'purpose',
  'reason',
  // Last: whoever reads by place finds the others where they were.
  'whoKind',
] as const satisfies readonly (keyof AuditEntry)[]

/** UTF-8 with BOM, so that spreadsheets read Chinese; RFC 4180 quotes; a text that could be a formula is none. */
export const toCsv = (entries: readonly AuditEntry[]): string =>
  `\uFEFF${[COLUMNS, ...entries.map((entry) => COLUMNS.map((name) => entry[name] ?? ''))]
    .map((cells) => `${cells.map(cell).join(',')}\r\n`)
    .join('')}`

/** An apostrophe before `= + - @` and control characters keeps Excel, WPS and LibreOffice from calculating. */
export function cell(text: string): string {
  const inert = /^\s*[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text
  return `"${inert.replaceAll('"', '""')}"`
}
