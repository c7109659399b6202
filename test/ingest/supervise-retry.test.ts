import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backoffMs } from '../../core/backoff.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { createRetry } from '../../ingest/supervise/retry.ts'
import { connecting, nextState } from '../../ingest/supervise/state.ts'

const middle = () => 0.5
const gone = new SharpEyesError('camera_ended', 'gone')
const refused = new SharpEyesError('camera_auth', 'refused')
const busy = new SharpEyesError('camera_unreachable', 'busy', { details: { busy: true } })

describe('the wait before the next try', () => {
  test('doubles from 1 s to 60 s, and begins anew after 60 s of frames', () => {
    const retry = createRetry(middle)
    const waits = Array.from({ length: 8 }, () => retry.after(gone, 0))
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
    expect(retry.after(gone, 59_000)).toBe(60_000)
    expect(retry.after(gone, 60_000)).toBe(1_000)
  })

  test('is long when user or password are refused: five tries take half an hour', () => {
    const retry = createRetry(() => 0)
    const waits = Array.from({ length: 5 }, () => retry.after(refused, 0))
    expect(waits).toEqual([42_000, 84_000, 168_000, 336_000, 630_000])
    expect(retry.after(gone, 0)).toBeLessThan(60_000)
    expect(retry.after(refused, 0)).toBe(42_000)
  })

  test('of a camera without room lets an old session expire', () => {
    expect(createRetry(middle).after(busy, 0)).toBe(60_000)
  })

  test('is spread by 30 % either way', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, random) => {
          const policy = { firstMs: 1_000, maxMs: 60_000, factor: 2, jitter: 0.3 }
          const plain = backoffMs(policy, failures, middle)
          const wait = backoffMs(policy, failures, () => random)
          expect(wait).toBeGreaterThanOrEqual(plain * 0.7 - 1)
          expect(wait).toBeLessThanOrEqual(plain * 1.3 + 1)
        },
      ),
    )
  })
})

describe('the state of a camera', () => {
  const failed = (at: number, lastFrameAt: number | null, problem = 'gone') =>
    ({ kind: 'failed', at, lastFrameAt, problem, code: 'camera_ended', cause: 'busy' }) as const

  test('stalls before it is offline, since its last frame, until frames come', () => {
    let state = connecting(0)
    state = nextState(state, { kind: 'frames', at: 500 })
    expect(state).toEqual({ state: 'online', since: 500, problem: null, code: null, cause: null })
    expect(nextState(state, { kind: 'frames', at: 600 })).toBe(state)
    state = nextState(state, failed(9_000, 3_000))
    expect(state).toMatchObject({ state: 'stalled', since: 3_000, problem: 'gone', cause: 'busy' })
    state = nextState(state, failed(10_000, 3_000))
    expect(state).toMatchObject({ state: 'offline', since: 3_000 })
    expect(nextState(state, failed(12_000, 3_000))).toBe(state)
    expect(nextState(state, failed(12_000, 3_000, 'refused'))).toMatchObject({
      since: 3_000,
      problem: 'refused',
    })
    expect(nextState(state, { kind: 'frames', at: 20_000 })).toMatchObject({ state: 'online', since: 20_000 })
  })

  test('that never sent a frame is offline since the first try', () => {
    expect(nextState(connecting(7), failed(9_000, null))).toMatchObject({ state: 'offline', since: 7 })
  })
})
