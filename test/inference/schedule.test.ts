import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSchedule } from '../../inference/schedule/schedule.ts'

interface Item {
  readonly camera: string
  readonly n: number
}
const item = (camera: string, n: number): Item => ({ camera, n })

test('the newest frame of a camera replaces the waiting one and keeps its turn', () => {
  const schedule = createSchedule<Item>(10)
  const [a1, a2, b1] = [item('a', 1), item('a', 2), item('b', 1)]
  expect(schedule.offer('a', a1)).toBeNull()
  expect(schedule.offer('b', b1)).toBeNull()
  expect(schedule.offer('a', a2)).toBe(a1)
  expect(schedule.waiting).toBe(2)
  expect([schedule.take(), schedule.take(), schedule.take()]).toEqual([a2, b1, null])
})

test('a busy camera does not starve the others', () => {
  const schedule = createSchedule<Item>(10)
  const served: string[] = []
  for (const camera of ['quiet', 'slow']) schedule.offer(camera, item(camera, 0))
  for (let n = 0; n < 6; n++) {
    for (let i = 0; i < 5; i++) schedule.offer('busy', item('busy', n * 5 + i))
    const taken = schedule.take()
    if (taken) served.push(taken.camera)
    if (taken?.camera !== 'busy' && taken) schedule.offer(taken.camera, item(taken.camera, n))
  }
  expect(served).toEqual(['quiet', 'slow', 'busy', 'quiet', 'slow', 'busy'])
})

test('kept frames stay in order and alternate with live ones', () => {
  const schedule = createSchedule<Item>(10)
  for (let n = 0; n < 3; n++) schedule.keep(item('film', n))
  schedule.offer('a', item('a', 0))
  schedule.offer('b', item('b', 0))
  const order = Array.from({ length: 6 }, () => schedule.take())
  expect(order.map((taken) => taken && `${taken.camera}${taken.n}`)).toEqual([
    'a0',
    'film0',
    'b0',
    'film1',
    'film2',
    null,
  ])
})

test('a full line refuses newcomers with a way out, but takes a newer frame of who waits', () => {
  const schedule = createSchedule<Item>(2)
  schedule.offer('a', item('a', 0))
  schedule.keep(item('film', 0))
  expect(() => schedule.offer('b', item('b', 0))).toThrow('2 frames wait for the model already')
  expect(() => schedule.keep(item('film', 1))).toThrow('give it more threads')
  expect(schedule.offer('a', item('a', 1))).toMatchObject({ n: 0 })
})

test('withdraw and drain', () => {
  const schedule = createSchedule<Item>(10)
  const [a, film] = [item('a', 0), item('film', 0)]
  schedule.offer('a', a)
  schedule.keep(film)
  expect(schedule.withdraw(a)).toBe(true)
  expect(schedule.withdraw(a)).toBe(false)
  expect(schedule.drain()).toEqual([film])
  expect(schedule.waiting).toBe(0)
})

test('whatever happens, every frame is taken, replaced or waiting, exactly once; and no camera waits longer than a round', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('offer' as const), camera: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({ kind: fc.constant('keep' as const) }),
    fc.record({ kind: fc.constant('take' as const) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const schedule = createSchedule<Item>(1000)
      const ended = new Set<Item>()
      const end = (done: Item | null) => {
        if (!done) return
        expect(ended.has(done)).toBe(false)
        ended.add(done)
      }
      const waits = new Map<string, number>()
      let made = 0
      for (const s of steps) {
        if (s.kind === 'offer') {
          if (!waits.has(s.camera)) waits.set(s.camera, 0)
          end(schedule.offer(s.camera, item(s.camera, made++)))
        } else if (s.kind === 'keep') schedule.keep(item('film', made++))
        else {
          const taken = schedule.take()
          end(taken)
          if (taken) waits.delete(taken.camera)
          for (const [camera, turns] of waits) {
            waits.set(camera, turns + 1)
            // Four cameras, each turn at most followed by one of a film.
            expect(turns + 1).toBeLessThanOrEqual(8)
          }
        }
      }
      for (const left of schedule.drain()) end(left)
      expect(ended.size).toBe(made)
    }),
  )
})
