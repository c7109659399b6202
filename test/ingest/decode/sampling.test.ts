import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSampled, selectExpression } from '../../../ingest/decode/sampling.ts'
import { analysisSize } from '../../../ingest/decode/size.ts'

/** Times of the pictures that are taken of a source with `rate`. */
function taken(rate: number, fps: number, pictures: number): number[] {
  const times: number[] = []
  for (let n = 0; n < pictures; n++) if (isSampled(n / rate, times.at(-1) ?? null, fps)) times.push(n / rate)
  return times
}

describe('sampling', () => {
  it('keeps the mean rate, and never takes two pictures for one instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (rate, fps) => {
        const seconds = 20
        const times = taken(rate, fps, rate * seconds)
        const expected = Math.min(rate, fps) * seconds
        expect(Math.abs(times.length - expected)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('is not thrown out of step by times that were rounded', () => {
    // 30 fps in milliseconds: 33, 67, 100 …; 5 a second is every sixth.
    const times = Array.from({ length: 61 }, (_, n) => Math.round((n * 1000) / 30) / 1000)
    let previous: number | null = null
    const indices = times.flatMap((time, n) => {
      if (!isSampled(time, previous, 5)) return []
      previous = time
      return [n]
    })
    expect(indices).toEqual([0, 6, 12, 18, 24, 30, 36, 42, 48, 54, 60])
  })

  it('goes on after a clock that jumps back', () => {
    expect(isSampled(0.2, 900, 5)).toBe(true)
  })

  it('says the same to ffmpeg', () => {
    expect(selectExpression(5, false)).toBe(
      'isnan(prev_selected_t)+not(eq(floor(t*5+0.001),floor(prev_selected_t*5+0.001)))',
    )
    expect(selectExpression(5, true).startsWith('key+')).toBe(true)
  })
})

describe('analysis size', () => {
  it('keeps the aspect, is even and never enlarges', () => {
    expect(analysisSize({ width: 1920, height: 1080 }, 640)).toEqual({ width: 640, height: 360 })
    expect(analysisSize({ width: 704, height: 576 }, 640)).toEqual({ width: 640, height: 524 })
    expect(analysisSize({ width: 320, height: 240 }, 640)).toEqual({ width: 320, height: 240 })
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 8192 }), fc.integer({ min: 16, max: 8192 }), (width, height) => {
        const size = analysisSize({ width, height }, 640)
        expect([size.width % 2, size.height % 2]).toEqual([0, 0])
        expect(size.width).toBeLessThanOrEqual(Math.max(640, width + 1))
        expect(Math.abs(size.height - (size.width * height) / width)).toBeLessThanOrEqual(1 + height / width)
      }),
    )
  })
})
