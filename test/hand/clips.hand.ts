import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { alarms } from '../support/alarms.ts'
import { assets, missingAssets } from '../support/assets.ts'
import { say } from './measure.ts'

const ONSET = 'motorway-fire-onset.mp4'
/** The lorry begins to smoke at 2 s; an alarm must come within 5 s of it. */
const [FIRST_BOX_S, LIMIT_S] = [2, 7]

/** Every clip of the index but that of the burning lorry: none of them shows fire or smoke. */
const silent = (): readonly string[] =>
  (JSON.parse(readFileSync(assets.clip('index.json'), 'utf8')) as { file: string }[])
    .map(({ file }) => file)
    .filter((file) => file !== ONSET)

const missing = missingAssets('fire and smoke in whole clips, with the default model')

describe.skipIf(missing)('the default model on whole clips', () => {
  test.each(missing ? [] : silent())('stays silent on %s', async (clip) => {
    const begun = await alarms(clip)
    say(`${clip}: ${begun.length === 0 ? 'silent' : `alarms at ${begun.join(', ')} s`}`)
    expect(begun).toEqual([])
  })

  test('raises the burning lorry in time', async () => {
    const begun = await alarms(ONSET)
    say(`${ONSET}: alarms at ${begun.join(', ')} s`)
    expect(begun[0]).toBeGreaterThanOrEqual(FIRST_BOX_S)
    expect(begun[0]).toBeLessThanOrEqual(LIMIT_S)
  })
})
