import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordingPart } from '../../core/ports/recordings.ts'
import { decodePart, encodePart } from '../../core/recording-wire.ts'

const part: RecordingPart = {
  mime: 'video/mp4; codecs="avc1.64001f"',
  ...{ width: 384, height: 216, connection: 1_700_000_000_000, next: 1_700_000_002_000 },
  init: Uint8Array.of(1, 2, 3),
  fragments: [
    { bytes: Uint8Array.of(4), key: true, capturedAt: 1_700_000_000_000, mediaMs: 0 },
    { bytes: Uint8Array.of(), key: false, capturedAt: 1_700_000_000_040, mediaMs: 40.04 },
    { bytes: Uint8Array.of(5, 6), key: false, capturedAt: 1_700_000_000_080, mediaMs: 80 },
  ],
}

test('what goes in comes out, also inside a larger buffer', () => {
  expect(decodePart(encodePart(part))).toEqual(part)
  expect(decodePart(encodePart({ ...part, next: null })).next).toBeNull()
  const bytes = encodePart(part)
  const larger = new Uint8Array(bytes.length + 20)
  larger.set(bytes, 7)
  expect(decodePart(larger.subarray(7, 7 + bytes.length))).toEqual(part)
})

test('bytes that were cut, lengthened or damaged are refused, never read past', () => {
  const bytes = encodePart(part)
  for (let length = 0; length < bytes.length; length++)
    expect(() => decodePart(bytes.slice(0, length))).toThrow()
  const longer = new Uint8Array(bytes.length + 1)
  longer.set(bytes)
  expect(() => decodePart(longer)).toThrow('longer')
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
      const damaged = Uint8Array.from(bytes)
      damaged[at] = value
      try {
        const read = decodePart(damaged)
        expect(read.fragments.every((one) => Number.isFinite(one.capturedAt))).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }),
  )
})
