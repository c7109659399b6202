import { z } from 'zod'
import { CSV_COLUMNS, CSV_FAULTS } from '../config/camera-csv-form.ts'
import { labelSchema } from '../config/shared.ts'
import { SCHEMA_RULES } from './schema-fault.ts'

/** `POST /api/cameras/import/check` and `/api/cameras/import`: a list of cameras as text. */
const text = z.string().min(1).max(4_000_000)
const version = z.int().min(1)

export const checkImportBody = z.strictObject({ text })

export const importFaultShape = z.object({
  line: z.int(),
  column: z.enum(CSV_COLUMNS).nullable(),
  code: z.enum(CSV_FAULTS),
  value: z.string(),
  rule: z.string(),
  /** Of code `schema`: where the camera breaks which rule of the city file, for pages; `rule` says it in English. Else null. */
  schema: z
    .object({ path: z.string(), rule: z.enum(SCHEMA_RULES), values: z.record(z.string(), z.string()) })
    .nullable(),
})
export type ImportFault = z.infer<typeof importFaultShape>

export const importCheckShape = z.object({
  /** Lines with content, without the header. */
  lines: z.int(),
  rows: z.array(
    z.object({
      line: z.int(),
      id: z.string(),
      name: labelSchema,
      change: z.enum(['added', 'changed', 'same']),
      /** What is in force; null: it is new. Goes back with the import. */
      version: version.nullable(),
      /** Keys of the camera that would differ. */
      keys: z.array(z.string()),
    }),
  ),
  faults: z.array(importFaultShape),
})
export type ImportCheck = z.infer<typeof importCheckShape>

export const importBody = z.strictObject({
  text,
  reason: z.string().max(2_000),
  /** Save the right lines although others are wrong; false: a single wrong line saves nothing. */
  rightOnly: z.boolean(),
  /** Of the cameras that exist, as they were seen. */
  versions: z.record(z.string(), version),
})

export const importedShape = z.object({
  added: z.int(),
  changed: z.int(),
  same: z.int(),
  /** Wrong lines that were left out. */
  left: z.int(),
})
export type Imported = z.infer<typeof importedShape>
