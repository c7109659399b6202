import { describe, expect, test } from 'vitest'
import { alarms } from '../support/alarms.ts'
import { missingAssets } from '../support/assets.ts'

/** The first labelled box is at 2 s; an alarm must come within 5 s of it. */
const ONSET_LIMIT_S = 7
/** The first three were nearest to a false alarm with earlier models. All clips in full: `test/hand/clips.hand.ts`. */
const SILENT = [
  'person-one-by-one.mp4',
  'street-vehicles-topdown.mp4',
  'objects-bottles.mp4',
  'street-vehicles.mp4',
  'street-pedestrians.mp4',
  'preview-worker-zone-detection.mp4',
  'preview-store-aisle-detection.mp4',
] as const

describe.skipIf(missingAssets('fire and smoke in clips, with the default model'))('the default model', () => {
  test('raises the burning lorry of the motorway in time', async () => {
    const [first] = await alarms('motorway-fire-onset.mp4', 10)
    expect(first).toBeGreaterThanOrEqual(2)
    expect(first).toBeLessThanOrEqual(ONSET_LIMIT_S)
  })
  test.each(SILENT)('stays silent on %s', async (clip) => {
    expect(await alarms(clip, 12)).toEqual([])
  })
})
