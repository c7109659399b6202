import type { DatabaseSync } from 'node:sqlite'
import type { ReadingsFacts, ReadingsRecord, ReadingsResult, TakenRecord } from './protocol.ts'

/** The table of readings in the spool's file. Blocks; the caller opens the transaction around `append` and `remove`. */
export interface ReadingsTable {
  /** All records of one request, or none. */
  append(records: readonly ReadingsRecord[]): ReadingsResult
  /** The oldest records, at most `limit` and about `bytes` of them, but always one. */
  take(limit: number, bytes: number): readonly TakenRecord[]
  remove(ids: readonly number[]): void
  /** What is counted beside the table; a transaction that rolls back puts it back. */
  readonly stock: { records: number; bytes: number }
  facts(): Omit<ReadingsFacts, 'state'>
  /** Whether the share is used up; still so until a tenth of it is free again, so that it does not flutter. */
  isFull(): boolean
}

export const READINGS_TABLE = `
  create table if not exists readings (
    id         integer primary key autoincrement,
    device     text    not null,
    message_id text    not null,
    at         integer not null,
    body       text    not null,
    unique (device, message_id)
  ) strict;
`

export function openReadingsTable(db: DatabaseSync, maxBytes: number): ReadingsTable {
  const sql = {
    insert: db.prepare('insert or ignore into readings (device, message_id, at, body) values (?, ?, ?, ?)'),
    remove: db.prepare('delete from readings where id = ? returning length(cast(body as blob)) as bytes'),
    take: db.prepare(
      'select id, body, length(cast(body as blob)) as bytes from readings order by id limit ?',
    ),
    oldest: db.prepare('select at from readings order by id limit 1'),
    total: db.prepare(
      'select count(*) as records, coalesce(sum(length(cast(body as blob))), 0) as bytes from readings',
    ),
  }
  const stock = { ...(sql.total.get() as { records: number; bytes: number }) }
  let full = stock.bytes >= maxBytes
  function isFull(): boolean {
    full = stock.bytes >= maxBytes * (full ? 0.9 : 1)
    return full
  }

  return {
    stock,
    isFull,
    append(records) {
      const bytes = records.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0)
      if (isFull() || stock.bytes + bytes > maxBytes) {
        full = true
        return { kind: 'refused', code: 'spool_full' }
      }
      let repeated = 0
      for (const { device, messageId, at, body } of records) {
        const stored = sql.insert.run(device, messageId, at, body)
        if (stored.changes === 0) {
          repeated += 1
          continue
        }
        stock.records += 1
        stock.bytes += Buffer.byteLength(body)
      }
      return { kind: 'stored', repeated }
    },
    take(limit, bytes) {
      const taken: TakenRecord[] = []
      let sum = 0
      for (const row of sql.take.iterate(limit) as Iterable<TakenRecord & { bytes: number }>) {
        sum += row.bytes
        if (taken.length > 0 && sum > bytes) break
        taken.push({ id: row.id, body: row.body })
      }
      return taken
    },
    remove(ids) {
      for (const id of ids) {
        const gone = sql.remove.get(id) as { bytes: number } | undefined
        if (!gone) continue
        stock.records -= 1
        stock.bytes -= gone.bytes
      }
    },
    facts() {
      const oldest = sql.oldest.get() as { at: number } | undefined
      return { ...stock, oldestAt: oldest?.at ?? null }
    },
  }
}
