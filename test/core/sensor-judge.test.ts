import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sensorSchema } from '../../core/config/sensor.ts'
import { judge, type ReadingHistory } from '../../core/sensors/judge.ts'
import {
  type Episode,
  evaluate,
  type Judgeable,
  type LimitRule,
  type LimitState,
  NOTHING_YET,
  openEpisode,
} from '../../core/sensors/limit.ts'
import type { ReadingMark, StoredReading } from '../../core/sensors/marks.ts'
import { reconcile, type ToldEpisode } from '../../core/sensors/reconcile.ts'
import { limitRule, toJudgeable } from '../../core/sensors/series.ts'

// Whatever the order in which readings and marks come, and however they are portioned: the same exceedances.

const MINUTE = 60_000
const T0 = Date.UTC(2026, 2, 1)
const sensor = sensorSchema.parse({
  id: 's',
  source: 'mqtt',
  topic: 't',
  factor: 'a34004',
  unit: 'ug/m3',
  every: '1m',
  limit: { above: 150, for: '3m', clear: 120 },
})
const rule: LimitRule = limitRule(sensor, 'instant') ?? expect.unreachable()

/** What a database would hold, and what was told of it. */
function site() {
  const readings = new Map<number, StoredReading>()
  const marks: ReadingMark[] = []
  let state: LimitState = NOTHING_YET
  const told = new Map<string, ToldEpisode & { readonly episode: Episode }>()
  let opened = 0
  let takenBack = 0

  const judgeable = (): Judgeable[] =>
    [...readings.values()]
      .toSorted((a, b) => a.at - b.at)
      .flatMap((reading) => toJudgeable(sensor, reading, marks) ?? [])
  const history: ReadingHistory = {
    async *before(at) {
      yield* judgeable()
        .filter((reading) => reading.at < at)
        .reverse()
    },
    async *after(at) {
      yield* judgeable().filter((reading) => at === null || reading.at > at)
    },
    beginsInside: () => Promise.resolve(false),
  }
  return {
    judgeable,
    /** Episodes that stand, as the events tell them. */
    standing: () => [...told.values()].map(({ episode }) => episode).toSorted((a, b) => a.since - b.since),
    state: () => state,
    takenBack: () => takenBack,
    async take(portion: readonly (StoredReading | ReadingMark)[]): Promise<void> {
      const fresh = portion.filter((item): item is StoredReading => 'at' in item && !readings.has(item.at))
      for (const reading of fresh) readings.set(reading.at, reading)
      const remarked = portion.filter((item): item is ReadingMark => 'from' in item)
      marks.push(...remarked)
      const news = {
        readings: fresh.flatMap((reading) => toJudgeable(sensor, reading, marks) ?? []),
        remarked,
      }
      const judgement = await judge(rule, state, news, history)
      state = judgement.state
      for (const correction of reconcile(judgement, [...told.values()])) {
        if (correction.kind === 'withdraw') {
          told.delete(correction.told.eventId)
          takenBack += 1
        } else if (correction.kind === 'keep') {
          const { told: one, episode } = correction
          // An event that is over stays over: only what was not told yet may still go on.
          if (one.endedAt !== null) expect(episode.endedAt).not.toBeNull()
          told.set(one.eventId, { ...one, ...pick(episode), episode })
        } else {
          if (correction.instead) {
            told.delete(correction.instead.eventId)
            takenBack += 1
          }
          opened += 1
          const eventId = `event-${opened}`
          told.set(eventId, { eventId, ...pick(correction.episode), episode: correction.episode })
        }
      }
    },
  }
}
const pick = ({ since, endedAt }: Episode) => ({ since, endedAt })

/** What the readings and marks mean when all of them are there. */
function truth(all: readonly (StoredReading | ReadingMark)[]): readonly Episode[] {
  const marks = all.filter((item): item is ReadingMark => 'from' in item)
  const readings = all
    .filter((item): item is StoredReading => 'at' in item)
    .toSorted((a, b) => a.at - b.at)
    .flatMap((reading) => toJudgeable(sensor, reading, marks) ?? [])
  const { ended, state } = evaluate(rule, readings)
  const open = openEpisode(state)
  return open ? [...ended, open] : ended
}

const value = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(160, 200, 300) },
  { weight: 2, arbitrary: fc.constantFrom(130, 150) },
  { weight: 3, arbitrary: fc.constantFrom(20, 120) },
)
const flag = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(null, 'N') },
  { weight: 1, arbitrary: fc.constantFrom('T', 'D', 'M', 'odd') },
)
/** Mostly a reading a minute, the same value for a while; now and then a hole, and once a silence of more than a day. */
const story = fc
  .tuple(
    fc.array(
      fc.record({
        value,
        flag,
        times: fc.integer({ min: 1, max: 7 }),
        hole: fc.integer({ min: 0, max: 12 }),
      }),
      {
        minLength: 1,
        maxLength: 14,
      },
    ),
    fc.option(fc.nat(13)),
    fc.array(
      fc.record({
        from: fc.integer({ min: -2, max: 60 }),
        length: fc.integer({ min: 0, max: 10 }),
        flag: fc.constantFrom('D', 'N', 'M'),
        by: fc.constantFrom<'person' | 'device'>('person', 'device'),
      }),
      { maxLength: 4 },
    ),
  )
  .map(([blocks, silence, marked]) => {
    let at = T0
    const readings = blocks.flatMap(({ value, flag, times, hole }, index) =>
      Array.from({ length: times }, (_, n): StoredReading => {
        const first = index === silence ? 2_000 : hole > 10 ? hole - 7 : 1
        at += MINUTE * (n === 0 ? first : 1)
        // A flag that says something spoils one reading, not the whole block.
        const own = n === 0 ? flag : null
        return { at, receivedAt: at + 1_000, value, flag: own, period: 'instant', statistic: 'value' }
      }),
    )
    const marks = marked.map(
      (mark, index): ReadingMark => ({
        id: String(index),
        from: T0 + mark.from * MINUTE,
        to: T0 + (mark.from + mark.length) * MINUTE,
        series: null,
        flag: mark.flag,
        by: mark.by,
        madeAt: T0 + 100_000 * MINUTE + index,
      }),
    )
    return [...readings, ...marks]
  })

const portions = <T>(items: readonly T[], sizes: readonly number[]): T[][] => {
  const result: T[][] = []
  for (let at = 0, n = 0; at < items.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1
    result.push(items.slice(at, at + size))
    at += size
  }
  return result
}

test('any order of arrival and any portions give the same exceedances; repetitions change nothing', async () => {
  let exceeded = 0
  let corrected = 0
  await fc.assert(
    fc.asyncProperty(
      story.chain((all) =>
        fc.tuple(
          fc.constant(all),
          fc.shuffledSubarray(all, { minLength: all.length }),
          fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        ),
      ),
      async ([all, shuffled, sizes]) => {
        const expected = truth(all)
        const one = site()
        for (const portion of portions(shuffled, sizes)) await one.take(portion)
        expect(one.standing()).toEqual(expected)
        const again = all.filter((item): item is StoredReading => 'at' in item)
        const state = one.state()
        for (const portion of portions(again, sizes)) await one.take(portion)
        expect(one.standing()).toEqual(expected)
        expect(one.state()).toEqual(state)
        if (expected.length > 0) exceeded += 1
        if (one.takenBack() > 0) corrected += 1
      },
    ),
    { numRuns: 1_500 },
  )
  // The property says nothing where there is nothing to exceed or to correct.
  expect(exceeded).toBeGreaterThan(700)
  expect(corrected).toBeGreaterThan(30)
})
