import { CsvError, type Info, parse } from 'csv-parse/sync'
import { PURPOSES } from '../catalogue.ts'
import {
  CSV_COLUMNS,
  CSV_REQUIRED,
  type CsvColumn,
  type CsvFaultCode,
  MOST_CSV_CAMERAS,
  RESERVED_IDS,
} from './camera-csv-form.ts'
import { cameraUrlFault } from './camera-url.ts'
import type { ConfigBody } from './objects.ts'
import { PRESET_NAMES, PRESETS, type PresetName } from './presets.ts'
import { idSchema } from './shared.ts'

const MAX_TEXT = 500

/** What is wrong in a list, and where. `line` counts from 1 with the header; `column` null: the whole line. */
export interface CsvFault {
  readonly line: number
  readonly column: CsvColumn | null
  readonly code: CsvFaultCode
  /** What stands there, cut. */
  readonly value: string
  /** What the rule is, where the code alone does not say it: allowed words, a range, another line. */
  readonly rule: string
}

/** A line that can be read as a camera. */
export interface CsvCamera {
  readonly line: number
  readonly id: string
  readonly cells: Readonly<Partial<Record<CsvColumn, string>>>
}

export interface CsvList {
  /** Lines with content, right or wrong, without the header. */
  readonly lines: number
  /** Those in which nothing was found wrong. */
  readonly cameras: readonly CsvCamera[]
  readonly faults: readonly CsvFault[]
}

const MASKINGS = ['heads', 'frame', 'none']

interface Row {
  readonly line: number
  readonly cells: readonly string[]
}

/** A list of cameras as text → its lines and everything that is wrong in them. Total: no text makes it throw. */
export function readCameraCsv(text: string): CsvList {
  const faults: CsvFault[] = []
  const add = (line: number, column: CsvColumn | null, code: CsvFaultCode, value = '', rule = '') =>
    faults.push({ line, column, code, value: value.slice(0, 80), rule })
  const nothing = (lines = 0): CsvList => ({ lines, cameras: [], faults })

  let rows: readonly Row[]
  try {
    rows = rowsOf(text)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    add(typeof error.lines === 'number' ? error.lines : 1, null, 'not_csv', '', error.message)
    return nothing()
  }
  const [header, ...lines] = rows
  if (!header) {
    add(1, null, 'no_lines')
    return nothing()
  }
  const names = header.cells.map((cell) => cell.trim().toLowerCase())
  names.forEach((name, i) => {
    if (!isColumn(name)) add(header.line, null, 'unknown_column', header.cells[i], CSV_COLUMNS.join(', '))
    else if (names.indexOf(name) !== i) add(header.line, name, 'column_twice', name)
  })
  for (const column of CSV_REQUIRED)
    if (!names.includes(column)) add(header.line, column, 'missing_column', column)
  if (faults.length > 0) return nothing(lines.length)
  if (lines.length === 0) {
    add(header.line, null, 'no_lines')
    return nothing()
  }
  const surplus = lines[MOST_CSV_CAMERAS]
  if (surplus) {
    add(surplus.line, null, 'too_many', `${lines.length}`, `${MOST_CSV_CAMERAS}`)
    return nothing(lines.length)
  }

  const firstLine = new Map<string, number>()
  const cameras = lines.flatMap(({ line, cells }): CsvCamera[] => {
    const before = faults.length
    if (cells.length > names.length)
      add(line, null, 'surplus_cells', cells.slice(names.length).join(','), `${names.length}`)
    const set = Object.fromEntries(
      names.map((name, i) => [name, (cells[i] ?? '').trim()]),
    ) as CsvCamera['cells']
    checkCells(set, (column, code, value, rule) => add(line, column, code, value, rule))
    const id = set.id ?? ''
    const first = firstLine.get(id)
    if (id !== '' && first !== undefined) add(line, 'id', 'id_twice', id, `${first}`)
    else firstLine.set(id, line)
    return faults.length === before ? [{ line, id, cells: set }] : []
  })
  return { lines: lines.length, cameras, faults }
}

const isColumn = (name: string): name is CsvColumn => (CSV_COLUMNS as readonly string[]).includes(name)

function rowsOf(text: string): readonly Row[] {
  const parsed = parse(text, {
    ...{ bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true },
    // A quote that is never closed would swallow the whole file as one cell.
    max_record_size: 64 * 1024,
  }) as unknown as readonly { readonly record: readonly string[]; readonly info: Info }[]
  return parsed
    .map(({ record, info }) => {
      const within = record.reduce((sum, cell) => sum + (cell.match(/\n/g)?.length ?? 0), 0)
      return { line: info.lines - within, cells: record }
    })
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
}

function checkCells(
  cells: CsvCamera['cells'],
  fault: (column: CsvColumn, code: CsvFaultCode, value?: string, rule?: string) => void,
): void {
  const { id = '', url = '', purpose = '', masking = '', masking_reason: why = '' } = cells
  for (const column of CSV_REQUIRED) if (!cells[column]) fault(column, 'empty')
  for (const [column, value] of Object.entries(cells) as [CsvColumn, string][])
    if (column !== 'url' && value.length > MAX_TEXT) fault(column, 'too_long', value, `${MAX_TEXT}`)
  if (id !== '' && !idSchema.safeParse(id).success) fault('id', 'bad_id', id)
  if (RESERVED_IDS.includes(id.toLowerCase())) fault('id', 'reserved_id', id, RESERVED_IDS.join(', '))
  choice('purpose', purpose, PURPOSES)
  choice('masking', masking, MASKINGS)
  choice('rule_preset', cells.rule_preset ?? '', PRESET_NAMES)
  const wrong = url === '' ? null : cameraUrlFault(url)
  // The address itself is not repeated: it may hold what should never stand in it.
  if (wrong) fault('url', `url_${wrong}`)
  const file = cells.credentials_file ?? ''
  if (file !== '' && !file.startsWith('/')) fault('credentials_file', 'path', file)
  const lon = number('lon', -180, 180)
  const lat = number('lat', -90, 90)
  if ((lon === null) !== (lat === null)) fault(lon === null ? 'lon' : 'lat', 'pair')
  number('recording_hours', 0.1, 72)
  if (masking === 'none' && why.length < 2) fault('masking_reason', 'reason_missing', why)
  if (masking !== 'none' && why !== '') fault('masking_reason', 'reason_unused', why)

  function choice(column: CsvColumn, value: string, allowed: readonly string[]): void {
    if (value !== '' && !allowed.includes(value)) fault(column, 'bad_choice', value, allowed.join(', '))
  }
  /** Null: nothing stands there. */
  function number(column: CsvColumn, min: number, max: number): number | null {
    const value = cells[column] ?? ''
    if (value === '') return null
    const read = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN
    if (Number.isNaN(read)) fault(column, 'not_number', value)
    else if (read < min || read > max) fault(column, 'range', value, `${min} – ${max}`)
    return read
  }
}

/**
 * The camera's body in the form of the city file. Of a camera that exists (`old`) what has no cell, or an empty one,
 * stays; a rule set is taken only where it has no rules yet.
 */
export function bodyOfCsv({ id, cells }: CsvCamera, old: ConfigBody | null): ConfigBody {
  const said = (column: CsvColumn): string | undefined => cells[column] || undefined
  const oldName = (old?.name ?? {}) as { readonly en?: string }
  const place = {
    ...((old?.place ?? {}) as object),
    ...keyed('address', said('address')),
    ...keyed('grid', said('grid')),
    ...(said('lon') === undefined ? {} : { lon: Number(cells.lon), lat: Number(cells.lat) }),
  }
  const masking = said('masking')
  const hours = said('recording_hours')
  const preset = said('rule_preset') as PresetName | undefined
  const bare = !Array.isArray(old?.rules) || old.rules.length === 0
  return {
    ...old,
    id,
    name: { zh: said('name_zh'), en: said('name_en') ?? oldName.en ?? said('name_zh') },
    purpose: said('purpose'),
    url: said('url'),
    ...keyed('credentialsFile', said('credentials_file')),
    place,
    ...keyed('masking', masking === 'none' ? { none: said('masking_reason') } : masking),
    ...(hours === undefined ? {} : { recording: { mode: 'ring', hours: Number(hours) } }),
    ...(preset && bare ? withPreset(old, preset) : {}),
  }
}

const keyed = (key: string, value: unknown) => (value === undefined ? {} : { [key]: value })

/** A zone that was drawn keeps its shape, also where the set has one of its name. */
const withPreset = (old: ConfigBody | null, name: PresetName) => ({
  zones: { ...PRESETS[name].zones, ...((old?.zones ?? {}) as object) },
  rules: PRESETS[name].rules,
})

/** The column of a key of a camera's body: where a fault that only the whole city shows belongs. */
export function columnOfPath(path: string): CsvColumn | null {
  const [key = '', next = ''] = path.split('.')
  const columns: Readonly<Record<string, CsvColumn>> = {
    ...{ id: 'id', purpose: 'purpose', url: 'url', credentialsFile: 'credentials_file', masking: 'masking' },
    ...{ recording: 'recording_hours', rules: 'rule_preset', zones: 'rule_preset' },
  }
  if (key === 'name') return next === 'en' ? 'name_en' : 'name_zh'
  if (key === 'place') return isColumn(next) ? next : null
  return columns[key] ?? null
}
