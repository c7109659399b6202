import type { Queryable } from '../../../core/ports/database.ts'
import type { AnsweredLine, SpooledLine } from './ledger.ts'

export interface Finding {
  readonly rule: string
  /** How many things were looked at. */
  readonly checked: number
  /** What breaks the rule; empty: nothing. */
  readonly broken: readonly string[]
}

const MAX_NAMED = 10
const finding = (rule: string, checked: number, broken: readonly string[]): Finding => ({
  rule,
  checked,
  broken: broken.slice(0, MAX_NAMED),
})

/** Every event that a spool has committed is in the database, once, and over when its end was committed. */
export async function checkEvents(database: Queryable, lines: readonly SpooledLine[]): Promise<Finding[]> {
  const ended = new Set(lines.filter(({ kind }) => kind === 'end').map(({ event }) => event))
  const ids = [...new Set(lines.map(({ event }) => event))]
  const { rows } = await database.query<{ event_id: string; ended: boolean; alerts: number }>(
    `select s.event_id, s.ended, (select count(*)::int from alerts a where a.id = s.alert_id) as alerts
       from event_state s where s.event_id = any($1::uuid[])`,
    [ids],
  )
  const stored = new Map(rows.map((row) => [row.event_id, row]))
  const twice = await database.query<{ id: string }>(
    'select source || id as id from inbox group by source, id having count(*) > 1',
  )
  const open = await database.query<{ fingerprint: string }>(
    "select fingerprint from alerts where state <> 'resolved' group by fingerprint having count(*) > 1",
  )
  return [
    finding(
      'every event spooled is in the database',
      ids.length,
      ids.filter((id) => !stored.has(id)),
    ),
    finding(
      'every event whose end was spooled is over',
      ended.size,
      [...ended].filter((id) => stored.get(id)?.ended !== true),
    ),
    finding(
      'every event has its one alert',
      rows.length,
      rows.filter(({ alerts }) => alerts !== 1).map(({ event_id }) => event_id),
    ),
    finding(
      'no event stays open when all have ended',
      rows.length,
      (
        await database.query<{ id: string }>('select event_id as id from event_state where not ended')
      ).rows.map(({ id }) => id),
    ),
    finding(
      'no message is applied twice',
      lines.length,
      twice.rows.map(({ id }) => id),
    ),
    finding(
      'one unresolved alert a fingerprint',
      rows.length,
      open.rows.map(({ fingerprint }) => fingerprint),
    ),
  ]
}

/** Every reading that a device was answered for is stored once. */
export async function checkReadings(
  database: Queryable,
  rule: string,
  lines: readonly AnsweredLine[],
): Promise<Finding> {
  const stored = await countReadings(database)
  return finding(
    rule,
    lines.length,
    lines
      .map((line) => [keyOf(line), stored.get(keyOf(line)) ?? 0] as const)
      .filter(([, n]) => n !== 1)
      .map(([key, n]) => `${key}: ${n} times`),
  )
}

/** The readings that a device was answered for and that are not in the database yet. */
export async function missingReadings(
  database: Queryable,
  lines: readonly AnsweredLine[],
): Promise<readonly AnsweredLine[]> {
  const stored = await countReadings(database)
  return lines.filter((line) => !stored.has(keyOf(line)))
}

const keyOf = ({ device, at }: AnsweredLine) => `${device} ${at}`

async function countReadings(database: Queryable): Promise<ReadonlyMap<string, number>> {
  const { rows } = await database.query<{ device: string; at: Date; n: number }>(
    'select device, at, count(*)::int as n from readings group by device, at',
  )
  return new Map(rows.map(({ device, at, n }) => [`${device} ${at.getTime()}`, n]))
}

/** What the receiver got, and what the database says was due. */
export async function checkNotifications(
  database: Queryable,
  cases: readonly string[],
  received: readonly { readonly id: string }[],
): Promise<Finding[]> {
  const { rows } = await database.query<{
    message_id: string
    state: string
    group_id: string
    step: string
  }>("select message_id, state, group_id, step from notifications where channel <> 'none'")
  const got = new Set(received.map(({ id }) => id))
  const steps = Map.groupBy(rows, ({ group_id, step }) => `${group_id} ${step}`)
  const known = new Set(rows.map(({ message_id }) => message_id))
  const { rows: filed } = await database.query<{ no: string }>('select no from cases')
  const there = new Set(filed.map(({ no }) => no))
  return [
    finding(
      'every case that was answered 201 is there',
      cases.length,
      cases.filter((no) => !there.has(no)),
    ),
    finding(
      'every case has its notification',
      cases.length,
      cases.filter((no) => !steps.has(`${no} filed`)),
    ),
    finding(
      'every notification due was sent and arrived',
      rows.length,
      rows
        .filter(({ state, message_id }) => state !== 'sent' || !got.has(message_id))
        .map((row) => `${row.group_id} ${row.step}: ${row.state}`),
    ),
    finding(
      'never two ids for one step',
      steps.size,
      [...steps].filter(([, all]) => all.length > 1).map(([step]) => step),
    ),
    finding(
      'nothing arrived that is not due',
      got.size,
      [...got].filter((id) => !known.has(id)),
    ),
  ]
}

/** Leases never overlap, and what nobody watched is explained by a part that was away. */
export async function checkCoverage(
  database: Queryable,
  outages: readonly { readonly from: number; readonly to: number }[],
): Promise<Finding[]> {
  const overlaps = await database.query<{ camera: string }>(
    'select a.camera from coverage a join coverage b on a.camera = b.camera and a.epoch < b.epoch and a.to_at > b.from_at',
  )
  const epochs = await database.query<{ camera: string }>(
    'select camera from coverage group by camera, epoch having count(distinct worker) > 1',
  )
  const { rows } = await database.query<{ camera: string; from_at: Date; to_at: Date }>(
    `select camera, before as from_at, from_at as to_at
       from (select camera, from_at, lag(to_at) over (partition by camera order by from_at) as before from coverage) t
      where from_at > before + interval '1 second'`,
  )
  const unexplained = rows.filter(
    (hole) => !outages.some(({ from, to }) => hole.from_at.getTime() <= to && hole.to_at.getTime() >= from),
  )
  const { rows: all } = await database.query<{ n: number }>('select count(*)::int as n from coverage')
  return [
    finding(
      'coverage of two holders never overlaps',
      all[0]?.n ?? 0,
      overlaps.rows.map(({ camera }) => camera),
    ),
    finding(
      'an epoch has one holder',
      all[0]?.n ?? 0,
      epochs.rows.map(({ camera }) => camera),
    ),
    finding(
      'every hole in the coverage has its outage',
      rows.length,
      unexplained.map(
        ({ camera, from_at, to_at }) => `${camera} ${from_at.toISOString()} – ${to_at.toISOString()}`,
      ),
    ),
  ]
}

/** The change log is gapless, and everything of it that is published is on the bus, in order per key. */
export async function checkChanges(
  database: Queryable,
  published: ReadonlyMap<string, readonly { readonly key: string; readonly pos: bigint }[]>,
): Promise<Finding[]> {
  const { rows } = await database.query<{ n: string; top: string | null; waiting: string }>(
    `select count(*) filter (where pos is not null) as n, max(pos) as top,
            count(*) filter (where pos is null) as waiting from changes`,
  )
  const { n = '0', top, waiting = '0' } = rows[0] ?? {}
  const due = await database.query<{ pos: string }>(
    "select pos from changes where topic in ('alert', 'case', 'notification') order by pos",
  )
  const seen = new Set([...published.values()].flat().map(({ pos }) => pos.toString()))
  const disorder: string[] = []
  for (const [topic, records] of published)
    for (const [key, own] of Map.groupBy(records, (record) => record.key)) {
      // Published again after a kill: later repetitions do not count, first sights must rise.
      let highest = -1n
      const met = new Set<bigint>()
      for (const { pos } of own) {
        if (!met.has(pos) && pos < highest) disorder.push(`${topic} ${key} ${pos}`)
        met.add(pos)
        if (pos > highest) highest = pos
      }
    }
  return [
    finding(
      'positions of the change log are gapless',
      Number(n),
      n === (top ?? '0') && waiting === '0' ? [] : [`${n} rows, highest ${top}, ${waiting} without one`],
    ),
    finding(
      'every change is on the bus',
      due.rows.length,
      due.rows.map(({ pos }) => pos).filter((pos) => !seen.has(pos)),
    ),
    finding('changes of a key are on the bus in order', seen.size, disorder),
  ]
}

/** The rubbish goes into the topic of events: nothing else may be put aside. */
export async function checkDeadLetters(database: Queryable, readings: number): Promise<Finding> {
  const { rows } = await database.query<{ topic: string; error: string }>(
    "select topic, error from dead_letters where topic <> 'hazard.events.v1'",
  )
  return finding(
    'no reading is in the dead letters',
    readings,
    rows.map(({ topic, error }) => `${topic}: ${error}`),
  )
}
