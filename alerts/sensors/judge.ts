import type { SensorConfig } from '../../core/config/sensor.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { type Judgement, judge } from '../../core/sensors/judge.ts'
import { type Episode, NOTHING_YET } from '../../core/sensors/limit.ts'
import type { ReadingMark, StoredReading } from '../../core/sensors/marks.ts'
import { type Correction, reconcile } from '../../core/sensors/reconcile.ts'
import {
  chooseSeries,
  isJudged,
  limitRule,
  type Period,
  statisticOf,
  toJudgeable,
} from '../../core/sensors/series.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'
import { readRollup } from '../history/rollups.ts'
import { countAt, readOpen, readStanding, type ToldEvent } from './episodes.ts'
import { eventIdOf, exceedanceEvent } from './events.ts'
import { judgedAfter, readingHistory } from './history.ts'
import type { Judged, SensorRecord } from './record.ts'
import type { Telling } from './tell.ts'

/** An exceedance that goes on is told again when this much of it has passed: its alert shows how high it is now. */
const TELL_EVERY_MS: DurationMs = 60_000

/** What came of one sensor. Its readings and marks are stored. */
export interface SensorNews {
  readonly sensor: SensorConfig
  readonly record: SensorRecord
  /** Readings that were not there before, of every series. */
  readonly readings: readonly StoredReading[]
  /** Marks that concern these readings. */
  readonly marks: readonly ReadingMark[]
  /** Reading times whose marks changed. */
  readonly remarked: readonly {
    readonly from: EpochMs
    readonly to: EpochMs
    readonly period: Period | null
  }[]
}

interface Found {
  readonly news: SensorNews
  readonly record: SensorRecord
  readonly judgement: Judgement
}

/**
 * Judges what came of each sensor (its row is locked), tells what follows and gives the records back as they are now.
 * Sensors without news of their limit cost no statement.
 */
export async function judgeSensors(
  tx: Queryable,
  news: readonly SensorNews[],
  telling: Telling,
): Promise<readonly SensorRecord[]> {
  const found: Found[] = []
  const records: SensorRecord[] = []
  if (news.length === 0) return records
  const keptFrom = (await readRollup(tx, 'reading_hours')).raw_from?.getTime() ?? null
  for (const one of news) {
    const result = await judgeOne(tx, one, { telling, keptFrom })
    records.push(result.record)
    if (result.judgement) found.push({ news: one, record: result.record, judgement: result.judgement })
  }
  // Nothing was exceeded and nothing is: there is nothing to compare with. Otherwise what was told is looked up.
  const told = await readStanding(
    tx,
    found.map(({ record, judgement: { after } }) => ({
      sensor: record.sensor,
      after: after ?? judgedAfter(record.judged, keptFrom),
    })),
  )
  const corrections = found.flatMap(({ news, record, judgement }) =>
    reconcile(judgement, told.get(record.sensor) ?? []).map((correction) => ({ news, record, correction })),
  )
  if (corrections.length === 0) return records
  const placeOf = await countAt(
    tx,
    corrections.flatMap(({ record, correction }) =>
      correction.kind === 'open' ? [{ sensor: record.sensor, since: correction.episode.since }] : [],
    ),
  )
  const byId = new Map([...told.values()].flat().map((one) => [one.eventId, one]))
  for (const { news, record, correction } of corrections)
    tell(news, record, correction, { byId, placeOf, telling })
  return records
}

async function judgeOne(
  tx: Queryable,
  news: SensorNews,
  { telling, keptFrom }: { readonly telling: Telling; readonly keptFrom: EpochMs | null },
): Promise<{ record: SensorRecord; judgement: Judgement | null }> {
  const { sensor, readings, marks } = news
  let { record } = news
  let remarked = news.remarked
  const chosen = choose(sensor, record.judged, readings)
  if (chosen.period !== record.judged.period || chosen.rival !== record.judged.rival) {
    const { judged } = record
    const turned = judged.period !== null && chosen.period !== judged.period
    // What the other series found is not looked at again; what of this one came before it was chosen is.
    const rival = judged.rival?.at
    if (turned && rival !== undefined) remarked = [...remarked, { from: rival, to: rival, period: null }]
    record = { ...record, judged: { ...(turned ? afresh(judged) : judged), ...chosen } }
    if (turned) await endOpen(tx, record.sensor, 'judged by another series of the device', telling)
  }
  const { period } = record.judged
  const lowest = judgedAfter(record.judged, keptFrom)
  const rule = period === null ? null : limitRule(sensor, period)
  if (period === null || rule === null) return { record, judgement: null }
  const ours = readings.filter(
    (reading) =>
      reading.period === period &&
      reading.statistic === statisticOf(period) &&
      (lowest === null || reading.at > lowest),
  )
  const ranges = remarked.filter(
    (range) => (range.period === null || range.period === period) && (lowest === null || range.to > lowest),
  )
  const judgeable = ours.flatMap((reading) => toJudgeable(sensor, reading, marks) ?? [])
  if (judgeable.length === 0 && ranges.length === 0) return { record, judgement: null }
  const { judged } = record
  const history = readingHistory(tx, sensor, record, period, keptFrom)
  const judgement = await judge(rule, judged, { readings: judgeable, remarked: ranges }, history)
  const { lastAt, spell } = judgement.state
  const quiet =
    ranges.length === 0 &&
    judgement.episodes.length === 0 &&
    judged.spell === null &&
    judgement.after === judged.lastAt
  return { record: { ...record, judged: { ...judged, lastAt, spell } }, judgement: quiet ? null : judgement }
}

/** The series that the limit is about after these readings. */
function choose(sensor: SensorConfig, judged: Judged, readings: readonly StoredReading[]) {
  let choice: Pick<Judged, 'period' | 'rival'> = judged
  let { lastAt } = judged
  for (const reading of readings.filter(isJudged).toSorted((a, b) => a.at - b.at)) {
    choice = chooseSeries(sensor, choice, lastAt, reading)
    if (reading.period === choice.period) lastAt = Math.max(lastAt ?? reading.at, reading.at)
  }
  return { period: choice.period, rival: choice.rival }
}

/** Nothing is known yet from the latest judged reading on. */
const afresh = (judged: Judged): Judged => ({
  ...judged,
  ...NOTHING_YET,
  judgedFrom: judged.lastAt ?? judged.judgedFrom,
})

/** Ends the exceedance that is open, because what judged it does so no more. */
export async function endOpen(tx: Queryable, sensor: string, why: string, telling: Telling): Promise<void> {
  for (const told of await readOpen(tx, [sensor]))
    if (told.type === 'exceedance') telling.end(told, why, told.event.lastSeenAt)
}

function tell(
  { sensor, remarked }: SensorNews,
  { judged }: SensorRecord,
  correction: Correction,
  {
    byId,
    placeOf,
    telling,
  }: {
    readonly byId: ReadonlyMap<string, ToldEvent>
    readonly placeOf: (sensor: string, since: EpochMs) => number
    readonly telling: Telling
  },
): void {
  const eventOf = (id: string, episode: Episode) =>
    exceedanceEvent(sensor, judged.limitVersion ?? '', id, episode)
  const told = 'told' in correction ? byId.get(correction.told.eventId) : undefined
  switch (correction.kind) {
    case 'open': {
      const { episode, instead } = correction
      const before = instead && byId.get(instead.eventId)
      if (before) telling.takeBack(before, 'replaced')
      const id = eventIdOf(sensor.id, 'exceedance', episode.since, placeOf(sensor.id, episode.since))
      telling.open('exceedance', eventOf(id, episode))
      return
    }
    case 'keep': {
      if (!told) return
      const event = eventOf(told.eventId, correction.episode)
      if (told.endedAt === null) {
        if (isWorthTelling(told, correction.episode)) telling.update(told, event)
      } else if (differs(told, correction.episode)) telling.correct(told, event)
      return
    }
    case 'withdraw': {
      if (!told) return
      const why = remarked.length > 0 ? 'data marked invalid' : 'readings that came late say otherwise'
      if (told.endedAt === null) telling.end(told, `withdrawn: ${why}`, told.event.lastSeenAt, 'withdrawn')
      else telling.takeBack(told, correction.covered ? 'replaced' : 'withdrawn')
      return
    }
  }
}

const isWorthTelling = ({ event }: ToldEvent, episode: Episode): boolean =>
  episode.endedAt !== null ||
  episode.since !== event.since ||
  episode.startedAt !== event.startedAt ||
  episode.lastAt - event.lastSeenAt >= TELL_EVERY_MS ||
  episode.lastAt < event.lastSeenAt ||
  // No newer reading, but another peak: one was marked, or came late. Nothing that follows need ever tell it.
  (episode.lastAt === event.lastSeenAt && episode.peak !== event.measured.peak)

const differs = ({ event }: ToldEvent, episode: Episode): boolean =>
  episode.since !== event.since ||
  episode.startedAt !== event.startedAt ||
  episode.endedAt !== event.endedAt ||
  episode.lastAt !== event.lastSeenAt ||
  episode.peak !== event.measured.peak
