import { expect, test } from 'vitest'
import { systemClock } from '../../../../adapters/clock.ts'
import { type ReadingsMessage, toReadingsMessage } from '../../../../core/reading.ts'
import { createStoring, type StoringLimits } from '../../../../ingest/sensors/hj212/storing.ts'
import { recordingLog, recordingMetrics } from '../../../support/log.ts'
import { manualClock } from '../../../support/manual-clock.ts'
import { waitUntil } from '../../../support/wait-until.ts'

const message = (n: number): ReadingsMessage =>
  toReadingsMessage({
    ...{ device: `D${n}`, protocol: 'hj212', receivedAt: n, worker: 'w', readings: [], status: 'online' },
  })

function storing(limits: Partial<StoringLimits>, clock = systemClock) {
  const batches: string[][] = []
  const pending: PromiseWithResolvers<void>[] = []
  const log = recordingLog()
  const sink = {
    append(messages: readonly ReadingsMessage[]) {
      batches.push(messages.map(({ data }) => data.device))
      const one = Promise.withResolvers<void>()
      pending.push(one)
      return one.promise
    },
  }
  const made = createStoring({ sink, clock, log, metrics: recordingMetrics(), limits })
  const done: string[] = []
  return {
    ...{ storing: made, batches, pending, log, done },
    add: (n: number) => made.add([message(n)], (stored) => done.push(`${n} ${stored}`)),
  }
}

test('a batch waits for others, not longer than told', async () => {
  const clock = manualClock(0)
  const { add, batches, pending, done, storing: one } = storing({ lingerMs: 20, batch: 3 }, clock)
  add(1)
  add(2)
  expect(one.unstored).toBe(2)
  expect(batches).toEqual([])
  clock.advance(20)
  await waitUntil('the time is over', () => batches.length === 1)
  // What comes meanwhile is the next batch; it is full at once.
  for (const n of [3, 4, 5, 6]) add(n)
  expect(batches).toEqual([['D1', 'D2']])
  pending[0]?.resolve()
  await waitUntil('a full batch does not wait', () => batches.length === 2)
  expect(batches[1]).toEqual(['D3', 'D4', 'D5'])
  expect(done).toEqual(['1 true', '2 true'])
  expect(one.unstored).toBe(4)
  pending[1]?.resolve()
  clock.advance(20)
  await waitUntil('the rest', () => batches.length === 3)
  pending[2]?.resolve()
  await one.drain()
  expect(done).toEqual([1, 2, 3, 4, 5, 6].map((n) => `${n} true`))
})

test('a batch that fills while it waits goes at once', async () => {
  const { add, batches } = storing({ lingerMs: 1_000_000, batch: 2 }, manualClock(0))
  add(1)
  await Promise.resolve()
  add(2)
  await waitUntil('it is full', () => batches.length === 1)
  expect(batches[0]).toEqual(['D1', 'D2'])
})

test('a clock that is put back makes nobody wait', async () => {
  const clock = manualClock(1_000_000)
  const { add, batches, pending } = storing({ lingerMs: 20 }, clock)
  add(1)
  clock.advance(20)
  await waitUntil('the first is with the sink', () => batches.length === 1)
  add(2)
  clock.advance(-900_000)
  pending[0]?.resolve()
  await waitUntil('the next lingers', () => pending.length === 1)
  await Promise.resolve()
  await waitUntil('it goes on', () => {
    clock.advance(20)
    return batches.length === 2
  })
})

test('one refused batch says no to its own packets only, and is logged once', async () => {
  const { add, pending, done, log, storing: one } = storing({ lingerMs: 0, batch: 1 })
  for (const n of [1, 2, 3]) add(n)
  await waitUntil('the first', () => pending.length === 1)
  pending[0]?.reject(new Error('full'))
  await waitUntil('the second', () => pending.length === 2)
  expect(one.refusing).toBe(true)
  pending[1]?.reject(new Error('full'))
  await waitUntil('the third', () => pending.length === 3)
  pending[2]?.resolve()
  await one.drain()
  expect(done).toEqual(['1 false', '2 false', '3 true'])
  expect(one.refusing).toBe(false)
  expect(log.lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(['error', 'info'])
})

test('room is told after the batch that makes it', async () => {
  const { add, pending, storing: one } = storing({ lingerMs: 0, batch: 1, unstored: 2 })
  let told = 0
  for (const n of [1, 2, 3]) add(n)
  expect(one.full).toBe(true)
  one.whenRoom(() => {
    told += 1
  })
  await waitUntil('the first', () => pending.length === 1)
  pending[0]?.resolve()
  await waitUntil('the second', () => pending.length === 2)
  expect([one.full, told]).toEqual([true, 0])
  pending[1]?.resolve()
  await waitUntil('the third', () => pending.length === 3)
  expect([one.full, told]).toEqual([false, 1])
  pending[2]?.resolve()
  await one.drain()
  expect(told).toBe(1)
})

test('draining waits for what is under way and lets nothing linger', async () => {
  const { add, pending, done, storing: one } = storing({ lingerMs: 1_000_000 }, manualClock(0))
  add(1)
  await Promise.resolve()
  const drained = one.drain()
  await waitUntil('it does not linger', () => pending.length === 1)
  add(2)
  pending[0]?.resolve()
  await waitUntil('nor does the next', () => pending.length === 2)
  pending[1]?.resolve()
  await drained
  expect(done).toEqual(['1 true', '2 true'])
})
