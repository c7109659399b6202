import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createBallast } from './ballast.ts'
import type {
  AppendResult,
  OpenRecord,
  PendingEvent,
  SpoolFacts,
  SpoolLimits,
  SpoolRecord,
  TakenRecord,
} from './protocol.ts'

/** The spool's file. Everything here blocks: it is used inside the spool's own thread only. */
export interface SpoolStore {
  /** One transaction for all; each is on the disk when this returns, or refused. */
  append(records: readonly SpoolRecord[]): readonly AppendResult[]
  /** The next records to send: severity 1 first, then the oldest. */
  take(limit: number): readonly TakenRecord[]
  remove(ids: readonly number[]): void
  openEvents(): readonly OpenRecord[]
  pendingEvents(): readonly PendingEvent[]
  forget(eventIds: readonly string[]): void
  facts(): SpoolFacts
  close(): void
}

// locking_mode EXCLUSIVE: one process owns the file, and no shared memory file is needed, which a full disk can break.
const SETTINGS = `
  pragma locking_mode = exclusive;
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma journal_size_limit = 16777216;
`

const TABLES = `
  create table if not exists records (
    id       integer primary key autoincrement,
    event_id text    not null,
    epoch    integer not null,
    seq      integer not null,
    kind     text    not null,
    severity integer not null,
    at       integer not null,
    body     text    not null,
    unique (event_id, epoch, seq)
  ) strict;
  create index if not exists records_order on records (severity, id);
  create table if not exists open_events (
    event_id  text    primary key,
    source_id text    not null,
    epoch     integer not null,
    seq       integer not null,
    body      text    not null
  ) strict;
`

/** A write for which the disk has no space. Other I/O errors are no matter of space: they are thrown on. */
const SQLITE_FULL = 13

export function openStore(folder: string, limits: SpoolLimits): SpoolStore {
  const ballast = createBallast(join(folder, 'ballast'), limits.ballastBytes)
  const db = new DatabaseSync(join(folder, 'spool.sqlite'))
  withSpace(() => db.exec(SETTINGS + TABLES))
  syncFolder(folder)
  const sql = {
    insert: db.prepare(
      'insert or ignore into records (event_id, epoch, seq, kind, severity, at, body) values (?, ?, ?, ?, ?, ?, ?)',
    ),
    superseded: db.prepare(
      `select id, length(cast(body as blob)) as bytes from records
        where event_id = ? and kind = 'update' and (epoch, seq) < (?, ?)`,
    ),
    remove: db.prepare('delete from records where id = ? returning length(cast(body as blob)) as bytes'),
    take: db.prepare('select id, body from records order by severity, id limit ?'),
    oldest: db.prepare('select at from records order by id limit 1'),
    open: db.prepare(
      `insert into open_events (event_id, source_id, epoch, seq, body) values (?, ?, ?, ?, ?)
       on conflict (event_id) do update set epoch = excluded.epoch, seq = excluded.seq, body = excluded.body
         where (excluded.epoch, excluded.seq) > (epoch, seq)`,
    ),
    pending: db.prepare(
      "select event_id as eventId, max(kind = 'end') as ends from records group by event_id",
    ),
    close: db.prepare('delete from open_events where event_id = ?'),
    openEvents: db.prepare('select event_id as eventId, epoch, seq, body from open_events order by event_id'),
  }
  const total = db.prepare(
    'select count(*) as n, coalesce(sum(length(cast(body as blob))), 0) as bytes from records',
  )
  const counted = total.get() as { n: number; bytes: number }
  let records = counted.n
  let bytes = counted.bytes
  let full = bytes >= limits.maxBytes
  let diskFull = !ballast.restore()

  /** Runs `work`; when the disk has no space for it, gives the ballast back and runs it again. */
  function withSpace<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (!isNoSpace(error) || !ballast.release()) throw error
      diskFull = true
      return work()
    }
  }

  function transaction<T>(work: () => T): T {
    const before = { records, bytes }
    try {
      db.exec('begin immediate')
      const result = work()
      db.exec('commit')
      return result
    } catch (error) {
      if (db.isTransaction) db.exec('rollback')
      records = before.records
      bytes = before.bytes
      throw error
    }
  }

  function appendOne(record: SpoolRecord): AppendResult {
    const { eventId, epoch, seq, kind } = record
    if (kind === 'update' && (full || diskFull))
      return { kind: 'refused', code: diskFull ? 'disk_full' : 'spool_full' }
    const stored = sql.insert.run(eventId, epoch, seq, kind, record.severity, record.at, record.body)
    if (stored.changes === 0) return { kind: 'stored', superseded: 0 } // this very message is here already
    records += 1
    bytes += Buffer.byteLength(record.body)
    // Start, latest update and end stay: only an update takes older updates away.
    const old = kind === 'update' ? (sql.superseded.all(eventId, epoch, seq) as { id: number }[]) : []
    for (const { id } of old) removeOne(id)
    if (kind === 'end') sql.close.run(eventId)
    else sql.open.run(eventId, record.sourceId, epoch, seq, record.body)
    return { kind: 'stored', superseded: old.length }
  }

  function appendAll(list: readonly SpoolRecord[]): readonly AppendResult[] {
    const write = () => transaction(() => list.map(appendOne))
    try {
      return withSpace(write)
    } catch (error) {
      if (!isNoSpace(error)) throw error
      diskFull = true // from now on updates make way: perhaps the starts and ends still fit
    }
    try {
      return write()
    } catch (error) {
      if (!isNoSpace(error)) throw error
      return list.map(() => ({ kind: 'refused', code: 'disk_full' }) as const)
    }
  }

  function removeOne(id: number): void {
    const gone = sql.remove.get(id) as { bytes: number } | undefined
    if (!gone) return
    records -= 1
    bytes -= gone.bytes
  }

  const measure = (): void => {
    // Full until a tenth is free again, so that it does not flutter.
    full = bytes >= limits.maxBytes * (full ? 0.9 : 1)
  }

  return {
    append(list) {
      try {
        return appendAll(list)
      } finally {
        measure()
      }
    },
    take: (limit) => sql.take.all(limit) as unknown as TakenRecord[],
    remove(ids) {
      withSpace(() => transaction(() => ids.forEach(removeOne)))
      measure()
      if (diskFull) diskFull = !ballast.restore()
    },
    openEvents: () => sql.openEvents.all() as unknown as OpenRecord[],
    pendingEvents: () => sql.pending.all() as unknown as PendingEvent[],
    forget(eventIds) {
      withSpace(() =>
        transaction(() => {
          for (const id of eventIds) sql.close.run(id)
        }),
      )
    },
    facts() {
      const oldest = sql.oldest.get() as { at: number } | undefined
      return {
        records,
        bytes,
        oldestAt: oldest?.at ?? null,
        state: diskFull ? 'disk_full' : full ? 'full' : 'ok',
      }
    },
    close: () => db.close(),
  }
}

/** SQLite syncs the file, not the name it was just given; the folder itself may be new too. */
function syncFolder(folder: string): void {
  for (const path of [folder, dirname(folder)]) {
    const handle = openSync(path, 'r')
    try {
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  }
}

const isNoSpace = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === SQLITE_FULL
