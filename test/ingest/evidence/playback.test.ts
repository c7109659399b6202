import { describe, expect, it } from 'vitest'
import { keyAtOrBefore, partFrames, stretchesOf } from '../../../ingest/evidence/playback.ts'

/** A frame every 40 ms, a key frame every second, 1 kB each. */
const frames = Array.from({ length: 100 }, (_, n) => ({
  key: n % 25 === 0,
  capturedAt: n * 40,
  bytes: 1_000,
}))
const numbers = (part: ReturnType<typeof partFrames>) =>
  part && [part.frames[0]?.capturedAt, part.frames.at(-1)?.capturedAt, part.next]
const limit = { lengthMs: 1_000, bytes: 1 << 20, before: null }

describe('partFrames', () => {
  it('begins with the key frame at or before the moment and ends before another key frame', () => {
    expect(numbers(partFrames(frames, 1_000, limit))).toEqual([1_000, 1_960, 2_000])
    expect(numbers(partFrames(frames, 1_960, limit))).toEqual([1_000, 2_960, 3_000])
    expect(numbers(partFrames(frames, 0, { ...limit, lengthMs: 2_500 }))).toEqual([0, 2_960, 3_000])
  })
  it('has at least one group of pictures, however few bytes there may be', () => {
    expect(numbers(partFrames(frames, 0, { ...limit, lengthMs: 60_000, bytes: 1 }))).toEqual([0, 960, 1_000])
  })
  it('ends with the file, or where another connection takes over', () => {
    expect(numbers(partFrames(frames, 3_100, limit))).toEqual([3_000, 3_960, null])
    expect(numbers(partFrames(frames, 0, { ...limit, lengthMs: 60_000, before: 2_000 }))).toEqual([
      0,
      1_960,
      null,
    ])
  })
  it('goes on from part to part without a picture lost or twice', () => {
    const seen: number[] = []
    let at: number | null = 0
    while (at !== null) {
      const part: ReturnType<typeof partFrames> = partFrames(frames, at, { ...limit, lengthMs: 700 })
      seen.push(...(part?.frames.map(({ capturedAt }) => capturedAt) ?? []))
      at = part?.next ?? null
    }
    expect(seen).toEqual(frames.map(({ capturedAt }) => capturedAt))
  })
  it('has nothing for a moment after the file, and for no frames', () => {
    expect(partFrames(frames, 3_960 + 1_501, limit)).toBeNull()
    expect(partFrames([], 0, limit)).toBeNull()
    expect(keyAtOrBefore([], 0)).toBe(-1)
  })
})

describe('stretchesOf', () => {
  it('puts files of one connection together and keeps connections and holes apart', () => {
    const files = [
      { connection: 1, from: 0, to: 960 },
      { connection: 1, from: 1_000, to: 1_960 },
      { connection: 1, from: 5_000, to: 6_000 },
      { connection: 2, from: 6_040, to: 7_000 },
    ]
    expect(stretchesOf(files)).toEqual([
      { connection: 1, from: 0, to: 1_960 },
      { connection: 1, from: 5_000, to: 6_000 },
      { connection: 2, from: 6_040, to: 7_000 },
    ])
  })
})
