import { expect, test } from 'vitest'
import { createDryRunner } from '../../app/worker/dry-run.ts'
import { createOneByOne, type Waiter } from '../../app/worker/one-by-one.ts'
import type { DryRunRequest } from '../../core/dry-run.ts'
import type { RingPlaces } from '../../ingest/evidence/ring-files.ts'
import { manualClock } from '../support/manual-clock.ts'
import { testMediaTools } from '../support/media-tools.ts'

const never = () => new AbortController().signal
const waiter = (id: string, signal = never(), onPlace: Waiter['onPlace'] = () => undefined): Waiter => ({
  ...{ id, signal, onPlace },
})

test('one at a time, in order; who is cancelled while waiting leaves at once', async () => {
  const turns = createOneByOne()
  const order: string[] = []
  const first = Promise.withResolvers<void>()
  const stop = new AbortController()
  const all = [
    turns.run(waiter('first'), () => first.promise),
    turns.run(waiter('cancelled', stop.signal), async () => void order.push('cancelled')),
    turns.run(waiter('second'), async () => void order.push('second')),
    turns.run(waiter('third'), async () => void order.push('third')),
  ]
  expect(turns.waiting).toBe(3)
  stop.abort(new Error('no longer wanted'))
  expect(turns.waiting).toBe(2)
  await expect(all[1]).rejects.toThrow('no longer wanted')
  expect(order).toEqual([])
  first.resolve()
  await Promise.all([all[0], all[2], all[3]])
  expect(order).toEqual(['second', 'third'])
})

test('each is told whose turn it is and how many come before it, whenever that changes, and nothing after its turn came', async () => {
  const turns = createOneByOne()
  const told: string[] = []
  const begin = (id: string, signal?: AbortSignal) => {
    const work = Promise.withResolvers<void>()
    const tell = (now: string, before: number) => void told.push(`${id}: ${before}, now ${now}`)
    return { ...work, done: turns.run(waiter(id, signal, tell), () => work.promise) }
  }
  const saying = () => told.splice(0)
  const stop = new AbortController()
  const a = begin('a')
  const b = begin('b', stop.signal)
  const c = begin('c')
  expect(saying()).toEqual(['b: 1, now a', 'b: 1, now a', 'c: 2, now a'])
  const d = begin('d')
  saying()
  stop.abort(new Error('no longer wanted'))
  await expect(b.done).rejects.toThrow('no longer wanted')
  expect(saying()).toEqual(['c: 1, now a', 'd: 2, now a'])
  a.resolve()
  await a.done
  expect(saying()).toEqual(['d: 1, now c'])
  c.reject(new Error('broken'))
  await expect(c.done).rejects.toThrow('broken')
  d.resolve()
  await d.done
  expect(saying()).toEqual([])
})

test('one that fails gives its turn on; one that is cancelled before takes none', async () => {
  const turns = createOneByOne()
  await expect(turns.run(waiter('a'), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  await expect(turns.run(waiter('b', AbortSignal.abort(new Error('late'))), async () => 1)).rejects.toThrow(
    'late',
  )
  expect(await turns.run(waiter('c'), async () => 2)).toBe(2)
})

const requestOf = (type: string): DryRunRequest => {
  const set = { zones: {}, rules: [{ id: 'a', type }] }
  return { camera: 'gate', timezone: 'UTC', privacy: [], inForce: set, candidate: set, from: 0, to: 60_000 }
}

test('a dry run over the log does not wait for one over recordings; a cancelled one frees its place', async () => {
  const asked = Promise.withResolvers<void>()
  const disk = Promise.withResolvers<void>()
  // The disk does not answer: a run over recordings that lasts.
  const flush = () => {
    asked.resolve()
    return disk.promise
  }
  const places = { rings: () => ({ flush }), folder: '/nowhere' } as unknown as RingPlaces
  const runner = createDryRunner({
    ...{ trackLogs: null, clock: manualClock(0) },
    recordings: { places, mediaTools: testMediaTools() },
  })
  const start = (type: string, signal: AbortSignal) =>
    runner.run(requestOf(type), { id: 'any', signal, onProgress: () => undefined })
  const lasting = start('camera_covered', never())
  await asked.promise
  const stop = new AbortController()
  const waiting = [stop.signal, never(), never(), never()].map((signal) => start('camera_covered', signal))
  await expect(start('camera_covered', never())).rejects.toMatchObject({ code: 'too_many_requests' })
  expect((await start('lane_blocked', never())).candidate.rules).toMatchObject([{ notReplayed: 'no_log' }])
  stop.abort(new Error('cancelled'))
  await expect(waiting[0]).rejects.toThrow('cancelled')
  waiting.push(start('camera_covered', never()))
  disk.reject(new Error('the disk is broken'))
  const ended = await Promise.allSettled([lasting, ...waiting.slice(1)])
  expect(ended.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'rejected'))
})
