import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fairShare, planMove, type Sharer } from '../../adapters/control/fair-share.ts'

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

describe('the fair share', () => {
  test.each([
    [200, [256, 256, 256, 256], 50],
    [10, [256, 256, 256], 4],
    [50, [5, 100, 100], 23],
    [150, [10, 100, 100], 70],
    [10, [4, 3], 4],
    [0, [4], 0],
  ])('of %i cameras over %j is %i', (cameras, capacities, share) => {
    expect(fairShare(cameras, capacities)).toBe(share)
  })

  test('is the lowest level at which all cameras are held, or all that the workers can bear', () => {
    const capacities = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000 }), capacities, (cameras, all) => {
        const held = (level: number) => sum(all.map((capacity) => Math.min(capacity, level)))
        const share = fairShare(cameras, all)
        expect(held(share)).toBeGreaterThanOrEqual(Math.min(cameras, sum(all)))
        if (share > 0 && held(share) > cameras) expect(held(share - 1)).toBeLessThan(cameras)
      }),
    )
  })
})

test('whatever they hold, calls one after the other end with every camera held and nobody over its share', () => {
  const worker = fc.record({
    capacity: fc.integer({ min: 1, max: 60 }),
    cameras: fc.integer({ min: 0, max: 60 }),
  })
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 150 }),
      fc.array(worker, { minLength: 1, maxLength: 6 }),
      (total, start) => {
        let left = total
        const workers = start.map(({ capacity, cameras }) => {
          const held = Math.min(capacity, cameras, left)
          left -= held
          return { capacity, cameras: held, stable: true, unreached: 0 }
        })
        for (let round = 0; round < 80; round += 1) {
          for (const [n, me] of workers.entries()) {
            const others: Sharer[] = workers.filter((_, other) => other !== n)
            const { take, give } = planMove(total, me, others)
            expect(take === 0 || give === 0).toBe(true)
            expect(take).toBeGreaterThanOrEqual(0)
            expect(give).toBeLessThanOrEqual(5)
            me.cameras += take - give
            expect(me.cameras).toBeLessThanOrEqual(me.capacity)
          }
        }
        const capacities = workers.map(({ capacity }) => capacity)
        const share = fairShare(total, capacities)
        expect(sum(workers.map(({ cameras }) => cameras))).toBe(Math.min(total, sum(capacities)))
        for (const { cameras } of workers) expect(cameras).toBeLessThanOrEqual(Math.floor(share * 1.1))
      },
    ),
  )
})

const other = { capacity: 100, cameras: 0, stable: true, unreached: 0 }

test('who has just come gets nothing from others yet, and a small difference moves nothing', () => {
  const full = { capacity: 100, cameras: 20 }
  expect(planMove(20, full, [{ ...other, stable: false }])).toEqual({ take: 0, give: 0 })
  expect(planMove(20, full, [other])).toEqual({ take: 0, give: 5 })
  const pair = [{ ...other, cameras: 19 }]
  expect(planMove(40, { capacity: 100, cameras: 21 }, pair)).toEqual({ take: 0, give: 0 })
})

test('nobody makes room for cameras that another does not reach', () => {
  const full = { capacity: 100, cameras: 20 }
  expect(planMove(20, full, [{ ...other, unreached: 8 }])).toEqual({ take: 0, give: 2 })
  expect(planMove(20, full, [{ ...other, unreached: 12 }])).toEqual({ take: 0, give: 0 })
  expect(planMove(20, { ...full, cameras: 8 }, [{ ...other, unreached: 12 }])).toEqual({ take: 2, give: 0 })
})
