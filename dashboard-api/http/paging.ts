import { z } from 'zod'
import { SharpEyesError } from '../../core/errors.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'

/** Where a page ends: time in whole microseconds as decimal text (Date would lose three digits) and the row's key. */
export interface Cursor {
  readonly micros: string
  readonly key: string
}

const cursorSchema = z.tuple([z.string().regex(/^\d{1,18}$/), z.string().min(1).max(64)])

const encodeCursor = ({ micros, key }: Cursor): string =>
  Buffer.from(JSON.stringify([micros, key])).toString('base64url')

/** Throws `invalid` for a text that no list gave out. `keyPattern` is what the key must look like. */
export function decodeCursor(text: string | undefined, keyPattern: RegExp): Cursor | null {
  if (text === undefined) return null
  try {
    const [micros, key] = cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
    if (keyPattern.test(key)) return { micros, key }
  } catch {
    // Falls through to the refusal below: what is wrong with it does not matter.
  }
  throw new SharpEyesError('invalid', 'cursor: take the "next" of the page before')
}

/** SQL of a timestamptz column as whole microseconds. */
export const microsOf = (column: string): string => `(extract(epoch from ${column}) * 1000000)::bigint`

/**
 * One page and the change position of the same snapshot: what is not in the page yet comes after `asOf` in the
 * stream, and nothing is missed in between.
 */
export function readPage<T>(
  database: Database,
  read: (tx: Queryable) => Promise<T>,
): Promise<{ page: T; asOf: string }> {
  return database.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read read only')
    const { rows } = await tx.query<{ pos: string }>('select pos from change_head')
    return { page: await read(tx), asOf: rows[0]?.pos ?? '0' }
  })
}

/** `rows` was read with `limit + 1`: the surplus one says that there is a next page. */
export function cutPage<R>(
  rows: readonly R[],
  limit: number,
  cursorOf: (row: R) => Cursor,
): { rows: readonly R[]; next: string | null } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { rows: page, next: rows.length > limit && last ? encodeCursor(cursorOf(last)) : null }
}

/** Collects conditions and their parameters. */
export function createConditions() {
  const params: unknown[] = []
  const parts: string[] = []
  return {
    params,
    /** `$?` in the text stands for the value. */
    add(sql: string, value: unknown): void {
      params.push(value)
      const place = `$${params.length}`
      parts.push(sql.replaceAll('$?', () => place))
    },
    /** `$?1`, `$?2` … in the text stand for the values. */
    addAll(sql: string, values: readonly unknown[]): void {
      const first = params.length
      params.push(...values)
      parts.push(sql.replaceAll(/\$\?(\d+)/g, (_, place: string) => `$${first + Number(place)}`))
    },
    /** Keyset: rows that come after the cursor in `order by timeColumn desc, keyColumn desc`. */
    after(cursor: Cursor | null, timeColumn: string, keyColumn: string, keyType: string): void {
      if (!cursor) return
      // Compared as timestamps, so that the index is used; whole microseconds go in exactly.
      params.push(cursor.micros)
      const at = `timestamptz 'epoch' + $${params.length}::bigint * interval '1 microsecond'`
      params.push(cursor.key)
      parts.push(`(${timeColumn}, ${keyColumn}) < (${at}, $${params.length}::${keyType})`)
    },
    sql: () => (parts.length === 0 ? 'true' : parts.map((part) => `(${part})`).join(' and ')),
  }
}
