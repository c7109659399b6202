import type { Queryable } from '../../core/ports/database.ts'
import { bytesOf } from './parse.ts'

export interface DeadLetter {
  readonly raw: unknown
  readonly error: string
}

/** PostgreSQL's text holds no NUL, and a reason may quote one. */
const printable = (text: string): string => text.replaceAll('\0', '\\u0000').slice(0, 2_000)

/** Keeps messages that can never be applied, with their bytes. The same bytes delivered again are the same row. */
export async function buryMessages(
  tx: Queryable,
  topic: string,
  letters: readonly DeadLetter[],
): Promise<void> {
  for (const { raw, error } of letters) {
    await tx.query(
      `insert into dead_letters (topic, bytes, error) values ($1, $2, $3)
       on conflict (topic, sha256) where replayed_at is null do nothing`,
      [topic, Buffer.from(bytesOf(raw)), printable(error)],
    )
  }
}
