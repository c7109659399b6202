import { describe, expect, it } from 'vitest'
import { pickClip, pickConnection, pickStill } from '../../../ingest/evidence/pick.ts'

/** I P B B in coding order, 40 ms a picture. */
const coded = (from: number) => [0, 120, 40, 80].map((at, n) => ({ key: n === 0, capturedAt: from + at }))
const pictures = [...coded(1_000), ...coded(1_160), ...coded(1_320)]

describe('still', () => {
  it('takes the nearest picture and the key frame that it needs', () => {
    expect(pickStill(pictures, 1_199)).toEqual({ key: 4, picture: 6 })
    expect(pickStill(pictures, 1_160)).toEqual({ key: 4, picture: 4 })
    expect(pickStill(pictures, 0)).toEqual({ key: 0, picture: 0 })
    expect(pickStill(pictures, 9_000)).toBeNull()
    expect(pickStill([], 0)).toBeNull()
  })
})

describe('clip', () => {
  it('starts at the key frame at or before the start and leaves no hole at the end', () => {
    expect(pickClip(pictures, 1_200, 1_360)).toEqual({ first: 4, last: 11 })
    expect(pickClip(pictures, 1_160, 1_170)).toEqual({ first: 4, last: 4 })
    expect(pickClip(pictures, 0, 90_000)).toEqual({ first: 0, last: 11 })
    expect(pickClip(pictures, 9_000, 9_999)).toBeNull()
    expect(pickClip(pictures, 0, 999)).toBeNull()
  })
})

describe('connection', () => {
  const spans = [
    { connection: 1, from: 0, to: 4_000 },
    { connection: 1, from: 4_000, to: 6_000 },
    { connection: 2, from: 9_000, to: 20_000 },
  ]
  it('is the one that holds the moment, else the one that shows most', () => {
    expect(pickConnection(spans, 0, 20_000, 5_000)).toBe(1)
    expect(pickConnection(spans, 0, 20_000, null)).toBe(2)
    expect(pickConnection(spans, 0, 20_000, 7_000)).toBe(2)
    expect(pickConnection(spans, 0, 10_000, null)).toBe(1)
    expect(pickConnection(spans, 30_000, 40_000, null)).toBeNull()
  })
})
