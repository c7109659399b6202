import { CSV_COLUMNS, type CsvColumn } from '../../../../core/config/camera-csv-form.ts'

const EXAMPLE: Readonly<Partial<Record<CsvColumn, string>>> = {
  ...{ id: 'gate-east', name_zh: '东门', name_en: 'East gate', purpose: 'public_safety' },
  ...{ url: 'rtsp://10.0.0.8:554/stream1', credentials_file: '/etc/sharp-eyes/cameras/gate-east' },
  ...{ address: '学府路 1 号', grid: '130104-017', lon: '114.48', lat: '38.03', masking: 'heads' },
  ...{ recording_hours: '2', rule_preset: 'street' },
}

/** A list with one example line; the mark at its start tells spreadsheets that it is UTF-8. */
export const templateText = (): string =>
  `\uFEFF${CSV_COLUMNS.join(',')}\r\n${CSV_COLUMNS.map((column) => EXAMPLE[column] ?? '').join(',')}\r\n`
