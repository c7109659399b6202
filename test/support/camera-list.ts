import { CSV_COLUMNS, type CsvColumn } from '../../core/config/camera-csv-form.ts'

interface Told {
  readonly line: number
  readonly column: CsvColumn | null
  readonly code: string
}

/** Lines of the file (from 2) that are wrong, each by one cell. */
const WRONG: readonly (Told & { readonly value: string })[] = [
  { line: 17, column: 'id', code: 'bad_id', value: '东门 1' },
  { line: 88, column: 'purpose', code: 'bad_choice', value: 'traffic' },
  { line: 120, column: 'url', code: 'url_credentials', value: 'rtsp://admin:hunter2@10.0.0.1/1' },
  { line: 121, column: 'url', code: 'url_scheme', value: 'file:///etc/shadow' },
  { line: 300, column: 'id', code: 'id_twice', value: 'list-0003' },
  { line: 333, column: 'lon', code: 'range', value: '1144.8' },
  { line: 501, column: 'masking_reason', code: 'reason_missing', value: '' },
]

/** A list of `n` (at least 500) cameras as a district would send it, with seven faults, in the order of their lines. */
export function listOfCameras(n: number): { readonly text: string; readonly faults: readonly Told[] } {
  const lines = Array.from({ length: n }, (_, i) => {
    const line = i + 2
    const no = String(line).padStart(4, '0')
    const cells: Partial<Record<CsvColumn, string>> = {
      ...{ id: `list-${no}`, name_zh: `学府路 ${no} 号`, purpose: 'public_safety' },
      ...{
        url: `rtsp://10.1.${line % 250}.9/stream1`,
        address: `"学府路 ${no} 号, 东侧"`,
        grid: '130104-017',
      },
      ...{ lon: '114.48', lat: '38.03', recording_hours: '2', rule_preset: 'street' },
    }
    const wrong = WRONG.find((each) => each.line === line)
    if (wrong?.code === 'reason_missing') cells.masking = 'none'
    else if (wrong?.column) cells[wrong.column] = wrong.value
    return CSV_COLUMNS.map((column) => cells[column] ?? '').join(',')
  })
  return {
    text: [CSV_COLUMNS.join(','), ...lines].join('\n'),
    faults: WRONG.map(({ line, column, code }) => ({ line, column, code })),
  }
}
