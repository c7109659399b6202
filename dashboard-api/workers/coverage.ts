import { z } from 'zod'
import { CAMERA_STATES } from '../../core/ports/control.ts'
import type { Database } from '../../core/ports/database.ts'
import { createConditions, cutPage, decodeCursor, microsOf, readPage } from '../http/paging.ts'

/** Who watched a camera, and how it went: half-open [from, to). What no interval covers, nobody watched. */
export const coverageShape = z.object({
  camera: z.string(),
  worker: z.string(),
  /** Of the lease; one camera's epochs only grow. */
  epoch: z.int(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  state: z.enum(CAMERA_STATES),
  /** Id of the model that it was analysed with; null: none. */
  model: z.string().nullable(),
  /** Types of its rules that were not watched. */
  unavailable: z.array(z.string()),
})
export type CoverageItem = z.infer<typeof coverageShape>

interface Row {
  readonly id: string
  readonly camera: string
  readonly worker: string
  readonly epoch: string
  readonly from_at: Date
  readonly to_at: Date
  readonly state: CoverageItem['state']
  readonly model: string | null
  readonly unavailable: string[]
  readonly micros: string
}

/** Intervals end after a day (adapters/postgres/coverage): what covers a moment began a day before it at the earliest. */
const LONGEST_MS = 86_400_000

/** Intervals that touch [from, to], newest first. */
export async function readCoverage(
  database: Database,
  asked: {
    readonly camera?: string | undefined
    readonly from: Date
    readonly to: Date
    readonly limit: number
    readonly cursor?: string | undefined
  },
): Promise<{ items: CoverageItem[]; next: string | null; asOf: string }> {
  const cursor = decodeCursor(asked.cursor, /^\d{1,18}$/)
  const where = createConditions()
  where.add('from_at < $?', asked.to)
  where.add('to_at > $?', asked.from)
  where.add('from_at >= $?', new Date(asked.from.getTime() - LONGEST_MS))
  if (asked.camera !== undefined) where.add('camera = $?', asked.camera)
  where.after(cursor, 'from_at', 'id', 'bigint')
  const { page, asOf } = await readPage(database, async (tx) => {
    const { rows } = await tx.query<Row>(
      `select id, camera, worker, epoch, from_at, to_at, state, model, unavailable, ${microsOf('from_at')} as micros
       from coverage where to_at > from_at and ${where.sql()} order by from_at desc, id desc limit ${asked.limit + 1}`,
      where.params,
    )
    return rows
  })
  const { rows, next } = cutPage(page, asked.limit, (row) => ({ micros: row.micros, key: row.id }))
  return { items: rows.map(toItem), next, asOf }
}

const toItem = (row: Row): CoverageItem => ({
  camera: row.camera,
  worker: row.worker,
  epoch: Number(row.epoch),
  from: row.from_at.toISOString(),
  to: row.to_at.toISOString(),
  state: row.state,
  model: row.model,
  unavailable: row.unavailable,
})
