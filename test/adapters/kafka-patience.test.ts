import { expect, test } from 'vitest'
import { createPatience } from '../../adapters/kafka/patience.ts'
import { recordingLog, recordingMetrics } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'

const BEAT_MS = 1_000

function rig() {
  const clock = manualClock(0)
  const stopping = new AbortController()
  const told: (string | null)[] = []
  const beats: number[] = []
  const group = { lost: null as Error | null, isOurs: true }
  const patience = createPatience({
    ...{ topic: 't', clock, log: recordingLog(), metrics: recordingMetrics(), signal: stopping.signal },
    beatMs: BEAT_MS,
    onWaiting: (error) => void told.push(error),
  })
  const place = {
    async heartbeat() {
      if (group.lost) throw group.lost
      beats.push(clock.now())
    },
    goesOn: () => group.isOurs && !stopping.signal.aborted,
  }
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 50) {
      clock.advance(50)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { told, beats, group, patience, place, pass, stopping }
}

test('what works at once needs no beat and no word', async () => {
  const { patience, place, told, beats } = rig()
  expect(await patience.untilDone(async () => 7, place)).toBe(7)
  expect({ told, beats }).toEqual({ told: [], beats: [] })
})

test('a slow one keeps the place', async () => {
  const { patience, place, beats, pass } = rig()
  const slow = Promise.withResolvers<string>()
  const done = patience.untilDone(() => slow.promise, place)
  await pass(5_500)
  expect(beats.length).toBeGreaterThanOrEqual(4)
  slow.resolve('done')
  expect(await done).toBe('done')
})

test('a failing one is tried until it works, with beats, and both turns are told', async () => {
  const { patience, place, told, beats, pass } = rig()
  let tries = 0
  const done = patience.untilDone(async () => {
    tries += 1
    if (tries < 6) throw new Error('the database is away')
    return tries
  }, place)
  await pass(60_000)
  expect(await done).toBe(6)
  expect(told).toEqual([...Array(5).fill('the database is away'), null])
  expect(beats.length).toBeGreaterThan(3)
})

test('a lost place is thrown, but not before the work in hand has ended', async () => {
  const { patience, place, group, pass } = rig()
  const slow = Promise.withResolvers<void>()
  group.lost = new Error('rebalance')
  let outcome = 'open'
  const done = patience
    .untilDone(() => slow.promise, place)
    .catch((error: Error) => {
      outcome = error.message
    })
  await pass(5_000)
  expect(outcome).toBe('open')
  slow.resolve()
  await done
  expect(outcome).toBe('rebalance')
})

test('a place that is lost while waiting ends the waiting', async () => {
  const { patience, place, group, pass, told } = rig()
  const done = patience.untilDone(() => Promise.reject(new Error('away')), place)
  const outcome = done.then(
    () => 'done',
    (error: Error) => error.message,
  )
  await pass(3_000)
  group.lost = new Error('rebalance')
  await pass(6_000)
  expect(await outcome).toBe('rebalance')
  expect(told.at(-1)).toBeNull()
})

test('the end of the process ends it without an outcome', async () => {
  const { patience, place, stopping, pass } = rig()
  const done = patience.untilDone(() => Promise.reject(new Error('away')), place)
  await pass(1_000)
  stopping.abort()
  await pass(50)
  expect(await done).toBeNull()
})

test('of two that wait, the first to go on does not say that all is well', async () => {
  const { patience, place, told, pass } = rig()
  const works = { first: false, second: false }
  const wait = (which: keyof typeof works) =>
    patience.untilDone(async () => {
      if (!works[which]) throw new Error(which)
    }, place)
  const both = [wait('first'), wait('second')]
  await pass(1_000)
  works.first = true
  await pass(10_000)
  expect(told).not.toContain(null)
  works.second = true
  await pass(10_000)
  await Promise.all(both)
  expect(told.at(-1)).toBeNull()
})
