import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { analysisHealth } from '../../app/health.ts'
import { chosenModel, MODEL_FOLDER, openSiteModel, type SiteModel } from '../../app/model.ts'
import type { Tools } from '../../app/tools.ts'
import { CATALOGUE, HAZARD_TYPES, typesSeenBy, unavailableBecause } from '../../core/catalogue.ts'
import { MODEL_FAULTS, type NoSight, noSightText, readNoSight } from '../../core/unavailable.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { tempFolder } from '../support/temp-folder.ts'

const MODEL = 'hazard-416'
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
let folder: Awaited<ReturnType<typeof tempFolder>>
let stops: (() => Promise<void> | void)[]

beforeEach(async () => {
  folder = await tempFolder()
  stops = []
  vi.stubEnv('SHARP_EYES_MODEL', '')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const stop of stops) await stop()
  await folder[Symbol.asyncDispose]()
})

const tools = () =>
  ({
    clock: systemClock,
    log: silentLog,
    metrics: recordingMetrics(),
    stack: { push: (_: string, stop: () => Promise<void>) => stops.push(stop) },
  }) as unknown as Tools
const fileOf = async (text: string) => {
  const file = join(folder.path, 'default.json')
  await writeFile(file, text)
  return file
}
const open = async (text: string): Promise<SiteModel> => openSiteModel(undefined, tools(), await fileOf(text))

describe('what a new site runs', () => {
  test('the shipped default is a model of the folder that loads', async () => {
    const { detector } = await openSiteModel(undefined, tools())
    expect(detector?.model.id).toBe(chosenModel(undefined)?.name)
    const manifest = JSON.parse(await readFile(join(MODEL_FOLDER, `${detector?.model.id}.json`), 'utf8'))
    expect([...(detector?.labels ?? []), ...Object.keys(detector?.unused ?? {})].toSorted()).toEqual(
      manifest.labels.toSorted(),
    )
  })

  test('a site’s own choice wins: the command line, then the environment', async () => {
    const file = await fileOf(`{"detector": "from-default"}`)
    expect(chosenModel(undefined, file)).toMatchObject({ name: 'from-default', by: 'default' })
    vi.stubEnv('SHARP_EYES_MODEL', 'from-environment')
    expect(chosenModel(undefined, file)).toMatchObject({ name: 'from-environment', by: 'environment' })
    expect(chosenModel('from-option', file)).toMatchObject({ name: 'from-option', by: 'option' })
    vi.stubEnv('SHARP_EYES_MODEL', '')
    expect(chosenModel(undefined, join(folder.path, 'missing.json'))).toBeNull()
    expect(chosenModel('none', file)).toBeNull()
    vi.stubEnv('SHARP_EYES_MODEL', 'none')
    expect(chosenModel(undefined, file)).toBeNull()
  })

  test.each([
    ['{"detector": ', 'default_file', 'cannot be read'],
    ['{"detector": ""}', 'default_file', 'detector: '],
    ['{"model": "x"}', 'default_file', 'must be {"detector"'],
    ['{"detector": "nobody-416"}', 'missing', 'no model "nobody-416": known ids are'],
    [
      `{"detector": "${MODEL}", "unused": {"dragon": "none here"}}`,
      'default_file',
      'unused.dragon: is no class of',
    ],
  ])('%s leaves the site running and says why', async (text, fault, why) => {
    const { detector, noSight } = await open(text)
    expect(detector).toBeNull()
    expect(noSight).toMatchObject({ kind: 'refused', fault, why: expect.stringContaining(why) })
  })

  test('a name on the command line that leads nowhere ends the command', async () => {
    await expect(openSiteModel('nobody-416', tools())).rejects.toThrow('no model "nobody-416"')
    await expect(openSiteModel(join(folder.path, 'none.onnx'), tools())).rejects.toThrow('no such file')
  })

  test('a class that the default does not use is neither seen nor silently missing', async () => {
    const { detector } = await open(`{"detector": "${MODEL}", "unused": {"smoke": "alarms at walls"}}`)
    if (!detector) throw new Error('the default was refused')
    expect(detector.labels).not.toContain('smoke')
    expect(unavailableBecause('smoke', detector)).toBe(
      `the class smoke of the model ${MODEL} is not used: alarms at walls`,
    )
    expect(typesSeenBy(detector)).not.toContain('smoke')
  })

  test('a file with another hash than its manifest is refused, and health says so', async () => {
    await copyFile(join(MODEL_FOLDER, `${MODEL}.json`), join(folder.path, `${MODEL}.json`))
    const bytes = await readFile(join(MODEL_FOLDER, `${MODEL}.onnx`))
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    await writeFile(join(folder.path, `${MODEL}.onnx`), bytes)
    const model = await open(JSON.stringify({ detector: join(folder.path, `${MODEL}.json`) }))
    expect(model.noSight).toMatchObject({
      ...{ kind: 'refused', fault: 'hash', why: expect.stringMatching(/sha256 is .* says /) },
    })
    const [part] = await analysisHealth(model, { runs: new Map() }).read()
    // Without a type that is asked for there is no list of types to be told.
    expect(part).toMatchObject({ status: 'degraded', code: 'model_refused_unasked' })
    expect(Object.keys(part?.facts ?? {})).toEqual(['model'])
    expect(part?.detail).toContain('sha256')
    const run = { status: () => ({ unavailable: [{ type: 'fire', reason: 'the model was refused' }] }) }
    const asked = { runs: new Map([['gate', run]]) } as unknown as Parameters<typeof analysisHealth>[1]
    expect(await analysisHealth(model, asked).read()).toMatchObject([
      { status: 'degraded', code: 'model_refused', facts: { types: 'fire' } },
    ])
  })
})

describe('why a type is not watched', () => {
  const sights: readonly NoSight[] = [
    { kind: 'none' },
    { kind: 'refused', model: 'x-1', fault: null, why: 'model /a/x.onnx: sha256 is 12,\nbut …' },
    ...MODEL_FAULTS.map((fault) => ({ kind: 'refused', model: 'x-1', fault, why: 'a: b' }) as const),
    { kind: 'failed', why: 'out of memory' },
    { kind: 'no_class', model: 'x-1', labels: 'trash_bag or garbage' },
    { kind: 'unused', model: 'x-1', labels: 'smoke', why: 'alarms at walls' },
  ]
  test.each(sights)('the reader reads what the worker writes: $kind', (sight) => {
    expect(readNoSight(noSightText(sight))).toEqual(sight)
  })
  test('other words are left as they are, and so is a fault that a newer worker tells', () => {
    expect(readNoSight('not built yet')).toBeNull()
    expect(readNoSight('the model x-1 was refused (too_slow): 900 ms')).toEqual({
      ...{ kind: 'refused', model: 'x-1', fault: null, why: '900 ms' },
    })
  })

  test.each(HAZARD_TYPES.filter((type) => CATALOGUE[type].needs.kind === 'labels'))(
    '%s follows from the classes of the manifest alone',
    (type) => {
      const { needs } = CATALOGUE[type]
      if (needs.kind !== 'labels') throw new Error('not a type of labels')
      const model = { id: 'm' }
      for (const label of needs.anyOf)
        expect(unavailableBecause(type, { model, labels: ['sky', label] })).toBeNull()
      expect(unavailableBecause(type, { model, labels: ['sky'] })).toBe(
        `the model m has no class ${needs.anyOf.join(' or ')}`,
      )
      expect(unavailableBecause(type, { none: { kind: 'none' } })).toBe('no model is configured')
    },
  )
})
