import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextAttemptIn, RETRY_TABLE } from '../../core/retry.ts'
import { DEFAULT_LIMITS, limitsOf, matchRoute, notifyWhen } from '../../core/route.ts'

const matter = { type: 'plume', severity: 2, purpose: 'environment', camera: 'c1', grid: 'g1' } as const
const route = (id: string, when?: object) => ({ id, route: { lead: id, assist: [], ...(when && { when }) } })

test('the first route whose every condition holds', () => {
  const routes = [
    route('a', { type: ['fire'] }),
    route('b', { purpose: ['environment'], severity: [1] }),
    route('c', { purpose: ['environment'], severity: [1, 2], grid: ['g1'] }),
    route('d'),
  ]
  expect(matchRoute(routes, matter)?.id).toBe('c')
  expect(matchRoute(routes, { ...matter, purpose: null })?.id).toBe('d')
  expect(matchRoute(routes.slice(0, 2), matter)).toBeNull()
})

test('severity 1 is told at once unless the route says otherwise', () => {
  const { route: plain } = route('a')
  expect(notifyWhen(plain, 1)).toBe('at_once')
  expect(notifyWhen(plain, 2)).toBe('on_filing')
  expect(notifyWhen({ ...plain, notify: 'on_filing' }, 1)).toBe('on_filing')
  expect(notifyWhen({ ...plain, notify: 'at_once' }, 4)).toBe('at_once')
  expect(limitsOf({ ...plain, accept: 5 })).toEqual({ ...DEFAULT_LIMITS, accept: 5 })
})

test('the retry table: never earlier, ends dead, and Retry-After only makes it later', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 15 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.option(fc.integer({ min: -5, max: 1e10 }), { nil: undefined }),
      (failed, random, retryAfterMs) => {
        const wait = nextAttemptIn(failed, { random, retryAfterMs })
        const row = RETRY_TABLE[failed]
        if (row === undefined) {
          expect(wait).toBeNull()
          return
        }
        expect(wait).toBeGreaterThanOrEqual(row)
        expect(wait).toBeGreaterThanOrEqual(Math.min(retryAfterMs ?? 0, 24 * 3_600_000))
        expect(wait).toBeLessThanOrEqual(Math.max(row * 1.2 + 1, 24 * 3_600_000))
      },
    ),
  )
  expect(RETRY_TABLE.reduce((a, b) => a + b, 0)).toBe((75 * 60 + 35) * 60_000 + 5_000)
})
