import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTsCutter, ptsDistanceMs } from '../../core/transport-stream.ts'

/** A packet; `key`: of a picture that stands alone; `pts`: in the 90 kHz clock. */
function packet({ key = false, pts = null as number | null } = {}): Uint8Array {
  const bytes = new Uint8Array(188).fill(0xff)
  bytes.set([0x47, pts === null ? 0x01 : 0x41, 0x00, key ? 0x30 : 0x10])
  const payload = key ? 6 : 4
  if (key) bytes.set([1, 0x40], 4)
  if (pts !== null) {
    const high = Math.floor(pts / 2 ** 30) & 7
    const middle = Math.floor(pts / 2 ** 15) & 0x7fff
    const low = pts & 0x7fff
    bytes.set([0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5], payload)
    bytes.set(
      [0x21 | (high << 1), middle >> 7, ((middle & 0x7f) << 1) | 1, low >> 7, ((low & 0x7f) << 1) | 1],
      payload + 9,
    )
  }
  return bytes
}

const stream = [
  packet(),
  packet({ key: true, pts: 90_000 }),
  packet(),
  packet({ pts: 93_600 }),
  packet({ key: true, pts: 2 ** 33 - 90 }),
]
const whole = new Uint8Array(stream.flatMap((bytes) => [...bytes]))

describe('a transport stream', () => {
  it('is cut into whole packets, each key frame first in its chunk, with its time', () => {
    const chunks = createTsCutter()(whole)
    expect(chunks.map(({ bytes, key, ptsMs }) => [bytes.length / 188, key, ptsMs])).toEqual([
      [1, false, null],
      [3, true, 1_040],
      [1, true, (2 ** 33 - 90) / 90],
    ])
  })

  it('is the same bytes in whatever pieces it comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (sizes) => {
        const cut = createTsCutter()
        const chunks = []
        let at = 0
        for (let n = 0; at < whole.length; n++) {
          const size = sizes[n % sizes.length] ?? 1
          chunks.push(...cut(whole.subarray(at, at + size)))
          at += size
        }
        expect(new Uint8Array(chunks.flatMap(({ bytes }) => [...bytes]))).toEqual(whole)
        for (const { bytes } of chunks) expect(bytes.length % 188).toBe(0)
        expect(chunks.filter(({ key }) => key)).toHaveLength(2)
      }),
    )
  })

  it('goes on after garbage, and never throws', () => {
    const cut = createTsCutter()
    const chunks = cut(new Uint8Array([1, 2, 3, ...whole]))
    expect(chunks.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(whole.length)
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => void createTsCutter()(bytes)))
  })

  it('wraps its clock', () => {
    expect(ptsDistanceMs(1_000, 1_040)).toBe(40)
    expect(ptsDistanceMs(1_040, 1_000)).toBe(-40)
    expect(ptsDistanceMs((2 ** 33 - 90) / 90, 39)).toBeCloseTo(40)
  })
})
