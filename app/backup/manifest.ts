import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { SharpEyesError } from '../../core/errors.ts'

export const MANIFEST = 'manifest.json'
export const TABLES = 'tables'
export const EVIDENCE = 'evidence'
export const CHECKPOINTS = 'checkpoints'
export const AUDIT_KEY = 'audit-key.pem'

const tableSchema = z.strictObject({
  schema: z.enum(['public', 'jobs']),
  name: z.string().regex(/^[a-z_]+$/),
  columns: z.array(z.string().regex(/^[a-z_0-9]+$/)),
  rows: z.int().min(0),
})

/** What a backup is. It is written last: a folder without it is no backup. */
export const manifestSchema = z.strictObject({
  format: z.literal(1),
  /** Of the program that wrote it. */
  version: z.string(),
  database: z.strictObject({
    migrations: z.array(z.string()),
    jobs: z.int().nullable(),
    at: z.iso.datetime(),
    tables: z.array(tableSchema),
    partitions: z.array(z.string()),
  }),
  evidence: z.strictObject({
    /** `elsewhere`: in an object store, which has a safety copy of its own. */
    kind: z.enum(['copied', 'left_out', 'elsewhere']),
    files: z.int(),
    bytes: z.int(),
    /** Named by a row and not there any more. */
    missing: z.array(z.string()),
  }),
  /** Path → SHA-256 of each table's file. Evidence files are named by theirs. */
  hashes: z.record(z.string(), z.string()),
})
export type Manifest = z.infer<typeof manifestSchema>

/** Reads and checks a backup; throws `invalid` naming what is wrong with it. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST)
  let content: unknown
  try {
    content = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new SharpEyesError('invalid', `${path}: is not there or no JSON: this is no complete backup`, {
      cause,
    })
  }
  const parsed = manifestSchema.safeParse(content)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new SharpEyesError('invalid', `${path}: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  for (const [name, hash] of Object.entries(parsed.data.hashes)) {
    const found = await sha256Of(join(folder, name)).catch(() => 'nothing')
    if (found !== hash)
      throw new SharpEyesError(
        'invalid',
        `${join(folder, name)}: has changed since it was written (${found})`,
      )
  }
  return parsed.data
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
