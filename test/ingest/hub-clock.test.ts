import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCaptureClock, type Stamp } from '../../ingest/hub/capture-clock.ts'

const START = 1_700_000_000_000

interface Frame {
  /** When it was captured, ms from the start. */
  readonly at: number
  /** What the stream says. */
  readonly media: number
  /** How late it was received. */
  readonly late: number
}

/** Stamps frames as the muxer lets them go: each when its successor is received. */
function play(frames: readonly Frame[], gop = 50): Stamp[] {
  const clock = createCaptureClock()
  return frames.slice(0, -1).map((frame, i) => {
    const next = frames[i + 1] ?? frame
    const receivedNext = Math.max(...frames.slice(Math.max(0, i - 200), i + 2).map((f) => f.at + f.late))
    return clock.stamp({
      decodeMs: frame.media,
      mediaMs: frame.media,
      durationMs: next.media - frame.media,
      arrivedAt: START + receivedNext,
      key: i % gop === 0,
    })
  })
}

const film = (
  count: number,
  late: (i: number) => number = () => 120,
  media = (i: number) => i * 40,
): Frame[] => Array.from({ length: count }, (_, i) => ({ at: i * 40, media: media(i), late: late(i) }))

describe('the capture clock', () => {
  test('is anchored after the first GOP; from then on the error bound holds, whatever the network adds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 20, maxLength: 60 }),
        (floor, jitter) => {
          const frames = film(400, (i) => floor + (jitter[i % jitter.length] ?? 0))
          play(frames).forEach((stamp, i) => {
            expect(Math.abs(stamp.capturedAt - (START + (frames[i]?.at ?? 0)))).toBeLessThanOrEqual(
              stamp.clock.errorMs,
            )
            expect(stamp.jumped).toBe(false)
          })
        },
      ),
      { numRuns: 50 },
    )
  })

  test('a garbled first time leaves no trace after the first GOP', () => {
    const stamps = play(film(200, undefined, (i) => (i === 0 ? 0 : i === 1 ? 1 : (i - 1) * 40)))
    stamps.slice(60).forEach((stamp, i) => {
      // Media time begins one frame late; the offset takes that up.
      expect(stamp.capturedAt).toBe(START + (i + 60) * 40 + 120)
    })
  })

  test('what was buffered and comes at once at the start does not shift it', () => {
    const frames = film(200).map((frame, i) =>
      i < 20 ? { ...frame, late: 20 * 40 - frame.at + 100 } : frame,
    )
    const last = play(frames).at(-1)
    expect(last?.capturedAt).toBe(START + 198 * 40 + 120)
  })

  test('a network that stands for 5 s and catches up is no jump', () => {
    const frames = film(600, (i) => (i >= 200 && i < 325 ? 120 + (325 - i) * 40 : 120))
    const stamps = play(frames)
    expect(stamps.some((stamp) => stamp.jumped)).toBe(false)
    expect(stamps.at(-1)?.capturedAt).toBe(START + 598 * 40 + 120)
  })

  test('a clock that is set forward is a jump, and anchored anew', () => {
    const stamps = play(film(400, undefined, (i) => i * 40 + (i >= 200 ? 3_600_000 : 0)))
    expect(stamps.flatMap((stamp, i) => (stamp.jumped ? [i] : []))).toEqual([200])
    expect(stamps.at(-1)?.capturedAt).toBe(START + 398 * 40 + 120)
    expect(stamps[201]?.clock.errorMs).toBeGreaterThan(stamps[399 - 1]?.clock.errorMs ?? 0)
  })

  test('a clock that was set back stands, as ffmpeg lets it: the lag grows', () => {
    const stamps = play(film(1_000, undefined, (i) => (i < 200 ? i * 40 : 8_000 + (i - 200) * 0.01)))
    expect(stamps[300]?.lagMs).toBeLessThan(10_000)
    expect(stamps.at(-1)?.lagMs).toBeGreaterThan(10_000)
  })

  test('a quartz that drifts by 0.1 ‰ is followed', () => {
    const frames = film(
      25 * 3_600,
      () => 100,
      (i) => i * 40 * 1.0001,
    )
    const clock = createCaptureClock()
    const stamps = frames.map((frame, i) =>
      clock.stamp({
        decodeMs: frame.media,
        mediaMs: frame.media,
        durationMs: 40,
        arrivedAt: START + frame.at + frame.late + 40,
        key: i % 50 === 0,
      }),
    )
    const error = (stamps.at(-1)?.capturedAt ?? 0) - (START + (frames.at(-1)?.at ?? 0))
    expect(Math.abs(error - 100)).toBeLessThan(60) // 360 ms without following
  })
})
