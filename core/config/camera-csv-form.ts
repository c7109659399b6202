/** Columns of a list of cameras, in the order of the template. */
export const CSV_COLUMNS = [
  ...(['id', 'name_zh', 'name_en', 'purpose', 'url', 'credentials_file', 'address', 'grid'] as const),
  ...(['lon', 'lat', 'masking', 'masking_reason', 'recording_hours', 'rule_preset'] as const),
] as const
export type CsvColumn = (typeof CSV_COLUMNS)[number]
export const CSV_REQUIRED: readonly CsvColumn[] = ['id', 'name_zh', 'purpose', 'url']

export const MOST_CSV_CAMERAS = 2_000
/** Paths of pages below /cameras: a camera of that name could not be opened. */
export const RESERVED_IDS: readonly string[] = ['new', 'import', 'manage']
export const CSV_FAULTS = [
  ...(['not_csv', 'no_lines', 'too_many', 'unknown_column', 'missing_column', 'column_twice'] as const),
  ...([
    'empty',
    'bad_id',
    'reserved_id',
    'id_twice',
    'bad_choice',
    'too_long',
    'not_number',
    'range',
  ] as const),
  ...(['pair', 'reason_missing', 'reason_unused', 'path', 'file_managed', 'schema'] as const),
  ...(['url_not_url', 'url_scheme', 'url_credentials', 'url_too_long', 'surplus_cells'] as const),
] as const
export type CsvFaultCode = (typeof CSV_FAULTS)[number]
