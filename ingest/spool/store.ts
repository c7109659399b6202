import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createBallast } from './ballast.ts'
import type {
  AppendResult,
  OpenRecord,
  PendingEvent,
  ReadingsRecord,
  ReadingsResult,
  SpoolFacts,
  SpoolLimits,
  SpoolRecord,
  TakenRecord,
} from './protocol.ts'
import { openReadingsTable, READINGS_TABLE } from './readings-table.ts'

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
  /** One transaction for all requests; each is stored whole or refused whole. Never touches the ballast. */
  appendReadings(requests: readonly (readonly ReadingsRecord[])[]): readonly ReadingsResult[]
  /** The oldest, about `bytes` of them and at least one. */
  takeReadings(limit: number, bytes: number): readonly TakenRecord[]
  removeReadings(ids: readonly number[]): void
  facts(): SpoolFacts
  close(): void
}

// locking_mode EXCLUSIVE: one process owns the file, and no shared memory file is needed, which a full disk can break.
// auto_vacuum: what a flood of readings took can be given back to a full disk; a file made without it keeps its size.
const SETTINGS = `
  pragma auto_vacuum = incremental;
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

const VACUUM_PAGES = 2_000

/** A write for which the disk has no space. Other I/O errors are no matter of space: they are thrown on. */
const SQLITE_FULL = 13

export function openStore(folder: string, limits: SpoolLimits): SpoolStore {
  const ballast = createBallast(join(folder, 'ballast'), limits.ballastBytes)
  const db = new DatabaseSync(join(folder, 'spool.sqlite'))
  withSpace(() => db.exec(SETTINGS + TABLES + READINGS_TABLE))
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
    'select count(*) as records, coalesce(sum(length(cast(body as blob))), 0) as bytes from records',
  )
  const stock = { ...(total.get() as { records: number; bytes: number }) }
  const readings = openReadingsTable(db, limits.readingsBytes)
  let full = stock.bytes >= limits.maxBytes
  let diskFull = !ballast.restore()
  let noSpaceForReadings = false

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
    const before = { events: { ...stock }, readings: { ...readings.stock } }
    try {
      db.exec('begin immediate')
      const result = work()
      db.exec('commit')
      return result
    } catch (error) {
      if (db.isTransaction) db.exec('rollback')
      Object.assign(stock, before.events)
      Object.assign(readings.stock, before.readings)
      throw error
    }
  }

  function appendOne(record: SpoolRecord): AppendResult {
    const { eventId, epoch, seq, kind } = record
    if (kind === 'update' && (full || diskFull))
      return { kind: 'refused', code: diskFull ? 'disk_full' : 'spool_full' }
    const stored = sql.insert.run(eventId, epoch, seq, kind, record.severity, record.at, record.body)
    if (stored.changes === 0) return { kind: 'stored', superseded: 0 } // this very message is here already
    stock.records += 1
    stock.bytes += Buffer.byteLength(record.body)
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

  function appendReadings(requests: readonly (readonly ReadingsRecord[])[]): readonly ReadingsResult[] {
    const refused = () => requests.map(() => ({ kind: 'refused', code: 'disk_full' }) as const)
    // The last bytes of the disk, and the ballast, are for starts and ends: a device can send its readings again.
    if (diskFull) return refused()
    try {
      const results = transaction(() => requests.map((records) => readings.append(records)))
      noSpaceForReadings = false
      return results
    } catch (error) {
      if (!isNoSpace(error)) throw error
      noSpaceForReadings = true
      return refused()
    }
  }

  function removeOne(id: number): void {
    const gone = sql.remove.get(id) as { bytes: number } | undefined
    if (!gone) return
    stock.records -= 1
    stock.bytes -= gone.bytes
  }

  const measure = (): void => {
    // Full until a tenth is free again, so that it does not flutter.
    full = stock.bytes >= limits.maxBytes * (full ? 0.9 : 1)
  }

  /** What leaves needs space too (a page of each changed part of the file), less of it a part at a time. */
  function removeInParts(ids: readonly number[], remove: (ids: readonly number[]) => void): void {
    try {
      withSpace(() => transaction(() => remove(ids)))
    } catch (error) {
      if (!isNoSpace(error) || ids.length < 2) throw error
      const half = ids.length >> 1
      removeInParts(ids.slice(0, half), remove)
      removeInParts(ids.slice(half), remove)
    }
  }

  /** After something was removed: its pages are free again. */
  function recover(): void {
    if (!diskFull && !noSpaceForReadings) return
    giveBack()
    noSpaceForReadings = false
    if (diskFull) diskFull = !ballast.restore()
  }

  /** Empty pages go back to the disk, some megabytes a time. */
  function giveBack(): void {
    try {
      db.exec(`pragma incremental_vacuum(${VACUUM_PAGES}); pragma wal_checkpoint(truncate)`)
    } catch (error) {
      if (!isNoSpace(error)) throw error // there is no space to make space with: the next time, when more has left
    }
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
      removeInParts(ids, (part) => part.forEach(removeOne))
      measure()
      recover()
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
    appendReadings,
    takeReadings: (limit, bytes) => readings.take(limit, bytes),
    removeReadings(ids) {
      removeInParts(ids, readings.remove)
      recover()
    },
    facts() {
      const oldest = sql.oldest.get() as { at: number } | undefined
      return {
        ...stock,
        oldestAt: oldest?.at ?? null,
        state: diskFull ? 'disk_full' : full ? 'full' : 'ok',
        readings: {
          ...readings.facts(),
          state: diskFull || noSpaceForReadings ? 'disk_full' : readings.isFull() ? 'full' : 'ok',
        },
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
