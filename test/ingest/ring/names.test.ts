import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseRingFileName, ringFileName } from '../../../ingest/ring/file-name.ts'
import { readReferenceTime, referenceTimeBox } from '../../../ingest/ring/wall-clock-box.ts'

const time = fc.integer({ min: 0, max: 4_000_000_000_000 })

it('reads its own file names and no others', () => {
  fc.assert(
    fc.property(time, time, fc.option(time), (connection, from, to) => {
      const facts = { connection, from, to }
      expect(parseRingFileName(ringFileName(facts))).toEqual(facts)
    }),
  )
  for (const name of ['clip.mp4', '1_2.mp4', '1_2_3.mp4.tmp', '../1_2_3.mp4', '-1_2_3.mp4']) {
    expect(parseRingFileName(name)).toBeNull()
  }
})

it('keeps capture times to the millisecond, also after NTP turns over in 2036', () => {
  fc.assert(
    fc.property(time, fc.integer({ min: 0, max: 2 ** 45 }), (capturedAt, mediaTicks) => {
      const read = readReferenceTime(referenceTimeBox({ capturedAt, mediaTicks }))
      expect(read?.mediaTicks).toBe(mediaTicks)
      expect(Math.abs((read?.capturedAt ?? 0) - capturedAt)).toBeLessThan(0.001)
    }),
  )
})
