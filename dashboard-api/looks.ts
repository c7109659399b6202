import { writeChange } from '../core/changes.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { Database, Queryable } from '../core/ports/database.ts'

/** Somebody opens a picture, or searches the audit log (`audit`). `object` is `alert:<id>`, `case:<no>`, `camera:<id>`, or `address:<url>` of a camera that is not there yet. */
export interface Look {
  readonly who: string
  readonly what:
    | 'still'
    | 'clip'
    | 'live'
    | 'recording'
    | 'original'
    | 'original_request'
    | 'original_approval'
    | 'original_refusal'
    | 'attachment'
    | 'kept'
    | 'pack'
    | 'audit'
  readonly object: string
  readonly camera: string | null
  readonly purpose: string
  readonly caseNo: string | null
  readonly reason?: string
  /** Of an original where two persons open it: the request, and who approved. */
  readonly request?: string
  readonly approvedBy?: string
}

/** The only writer of `looks`. The row is committed before the first byte of the picture leaves: no row, no picture. */
export interface Looks {
  write(look: Look): Promise<void>
  /** Nothing when the same person has opened the same thing within `windowMs` (thumbnails, parts of one film). */
  writeOnceWithin(windowMs: number, look: Look): Promise<void>
  /** For pictures that a page asks for again and again: one row when it begins, and again after a minute's pause. */
  writeWhenBegun(look: Look): Promise<void>
}

const PAUSE_MS = 60_000
/** Beyond this the oldest openings are forgotten, which can only write a row too many. */
const MAX_OPENINGS = 5_000

export function createLooks(deps: { database: Database; clock: Clock }): Looks {
  const { database, clock } = deps
  const lastAsked = new Map<string, number>()

  const write = (look: Look) => database.transaction((tx) => insertLook(tx, look))
  return {
    write,
    async writeOnceWithin(windowMs, look) {
      await database.transaction(async (tx) => {
        // Two parts of one film are asked for at once: the second waits here and finds the first one's row.
        await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [keyOf(look)])
        const { rows } = await tx.query(
          `select 1 from looks where object = $1 and who = $2 and what = $3 and camera is not distinct from $5
             and at > now() - make_interval(secs => $4) limit 1`,
          [look.object, look.who, look.what, windowMs / 1_000, look.camera],
        )
        if (rows.length === 0) await insertLook(tx, look)
      })
    },
    async writeWhenBegun(look) {
      const key = keyOf(look)
      const now = clock.now()
      const before = lastAsked.get(key)
      if (before === undefined || now - before > PAUSE_MS) await write(look)
      lastAsked.delete(key)
      lastAsked.set(key, now)
      const oldest = lastAsked.keys().next()
      if (lastAsked.size > MAX_OPENINGS && !oldest.done) lastAsked.delete(oldest.value)
    },
  }
}

const keyOf = (look: Look): string => JSON.stringify(['look', look.who, look.what, look.object, look.camera])

/** In the transaction of what is looked at, for example a request for an original. */
export async function insertLook(tx: Queryable, look: Look): Promise<void> {
  const { who, what, object, camera, purpose, caseNo, reason, request, approvedBy } = look
  await tx.query(
    `insert into looks (who, what, object, camera, purpose, case_no, reason) values ($1, $2, $3, $4, $5, $6, $7)`,
    [who, what, object, camera, purpose, caseNo, reason ?? null],
  )
  await writeChange(tx, {
    topic: 'look',
    key: object,
    payload: {
      ...{ who, what, object, camera, purpose, caseNo },
      ...(reason !== undefined && { reason }),
      ...(request !== undefined && { request }),
      ...(approvedBy !== undefined && { approvedBy }),
    },
  })
}
