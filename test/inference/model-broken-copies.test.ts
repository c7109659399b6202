import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MODEL_FOLDER } from '../../app/model.ts'
import { inspectModel } from '../../inference/model/catalogue.ts'
import { loadModel } from '../../inference/model/loaded-model.ts'
import type { OnnxFacts } from '../../inference/model/onnx-file.ts'
import { checkTrial } from '../../inference/model/trial.ts'
import { crushed } from '../support/crushed-onnx.ts'
import { metadata } from '../support/onnx.ts'
import { tempFolder } from '../support/temp-folder.ts'

// Copies of the model that a new site runs, broken in the ways that people meet.

vi.setConfig({ testTimeout: 60_000 })
const MODEL = 'hazard-416'
let folder: Awaited<ReturnType<typeof tempFolder>>
beforeEach(async () => {
  folder = await tempFolder()
})
afterEach(() => folder[Symbol.asyncDispose]())

async function copy(
  change: {
    readonly bytes?: (bytes: Uint8Array) => Uint8Array
    readonly manifest?: (m: Manifest) => Manifest
  } = {},
): Promise<string> {
  const bytes = await readFile(join(MODEL_FOLDER, `${MODEL}.onnx`))
  const manifest: Manifest = JSON.parse(await readFile(join(MODEL_FOLDER, `${MODEL}.json`), 'utf8'))
  const file = change.bytes?.(bytes) ?? bytes
  const sha256 = createHash('sha256').update(file).digest('hex')
  await writeFile(join(folder.path, manifest.file), file)
  const path = join(folder.path, 'model.json')
  await writeFile(path, JSON.stringify(change.manifest?.({ ...manifest, sha256 }) ?? { ...manifest, sha256 }))
  return path
}
interface Manifest {
  readonly file: string
  readonly sha256: string
  readonly input: { readonly width: number; readonly height: number }
}

const refusal = async (modelFile: string): Promise<string> =>
  loadModel({ modelFile }).then(
    async (model) => {
      await model.release()
      return 'it loaded'
    },
    (error: Error) => error.message,
  )

describe('a copy of the default model', () => {
  test('as it is, loads', async () => expect(await refusal(await copy())).toBe('it loaded'))

  test('with the hash of another file', async () => {
    const sha256 = 'a'.repeat(64)
    const message = await refusal(await copy({ manifest: (m) => ({ ...m, sha256 }) }))
    expect(message).toMatch(/sha256 is [0-9a-f]{64}, but .*model\.json says a{64}\. Fetch the file again/)
  })

  test('with an input size that the graph does not take', async () => {
    const message = await refusal(
      await copy({ manifest: (m) => ({ ...m, input: { ...m.input, width: 400, height: 400 } }) }),
    )
    // A graph of one size says so, and a file that says what it was trained for; else one of open size fails at its strides.
    expect(message).toMatch(/an input of 400x400|input\.width 400/)
    expect(message).toMatch(/(correct|set) input\.width/)
  })

  test('quantised in steps made for coordinates, so that no score is left', async () => {
    const message = await refusal(await copy({ bytes: (bytes) => crushed(bytes, 1.6) }))
    expect(message).toMatch(/would never find anything: its output ".*" moves in steps of 1\.6/)
    expect(message).toContain('quantise again with the last Concat')
  })

  test('quantised finely, stays usable', async () => {
    expect(await refusal(await copy({ bytes: (bytes) => crushed(bytes, 1 / 1_024) }))).toBe('it loaded')
  })
})

describe('a copy whose file says what it was trained for', () => {
  const trainedFor = (width: unknown, height: unknown) => (bytes: Uint8Array) =>
    Buffer.concat([bytes, metadata({ 'input.width': String(width), 'input.height': String(height) })])
  const sized = (width: number, height: number) => (m: Manifest) => ({
    ...m,
    input: { ...m.input, width, height },
  })

  test('loads at that size', async () => {
    expect(await refusal(await copy({ bytes: trainedFor(416, 416) }))).toBe('it loaded')
    const wide = await copy({ bytes: trainedFor(320, 192), manifest: sized(320, 192) })
    expect(await refusal(wide)).toBe('it loaded')
  })

  test('is refused at another, which its open graph would run at', async () => {
    const path = await copy({ bytes: trainedFor(416, 416), manifest: sized(64, 64) })
    const message = await refusal(path)
    expect(message).toContain(
      `${path} says input.width 64 and input.height 64, but the ONNX file says that it was trained for input.width 416 and ` +
        'input.height 416, where alone its operating points hold; set input.width to 416 and input.height to 416, or use a file ' +
        'trained for input.width 64 and input.height 64',
    )
    const report = await inspectModel(path)
    expect(report.fault).toBe(message)
    expect(JSON.stringify(report).split('was trained for')).toHaveLength(2)
  })

  test('is refused for the one side that differs, by its name', async () => {
    const path = await copy({ bytes: trainedFor(416, 416), manifest: sized(416, 256) })
    const message = await refusal(path)
    expect(message).toContain('says input.height 256, but')
    expect(message).not.toContain('input.width')
  })

  test.each(['', '0', '-416', '416.5', '416px', '1e3', '99999'])('is refused for "%s"', async (value) => {
    const path = await copy({ bytes: trainedFor(416, value) })
    expect(await refusal(path)).toContain(
      `the ONNX file says input.height "${value}", which is no whole number from 32 to 4096; export it again`,
    )
  })

  test('runs at that size where nothing beside it says one', async () => {
    const bytes = trainedFor(320, 192)(await readFile(join(MODEL_FOLDER, `${MODEL}.onnx`)))
    const file = join(folder.path, 'bare.onnx')
    await writeFile(file, bytes)
    const input = { width: 320, height: 192 }
    expect(await inspectModel(file)).toMatchObject({ describedBy: { kind: 'graph' }, input, fault: null })
    const sidecar = { preprocess: { range: '0-255' }, postprocess: { family: 'yolox' } }
    await writeFile(join(folder.path, 'bare.json'), JSON.stringify(sidecar))
    expect(await inspectModel(file)).toMatchObject({ describedBy: { kind: 'sidecar' }, input, fault: null })
  })
})

describe('scores that were crushed inside the graph', () => {
  const facts: OnnxFacts = {
    ...{ producer: 'test', irVersion: 8, opset: 13, metadata: {}, externalData: false, outputSteps: {} },
  }
  const ONE = { scoreOutputs: ['out'] }
  const boxes = (score: (cell: number) => number, cells: number) =>
    Array.from({ length: cells }, (_, n) => ({
      left: 0,
      top: 0,
      right: 9,
      bottom: 9,
      classId: 0,
      score: score(n),
    }))

  test('leave nothing between never and always', () => {
    const coarse = boxes((n) => (n % 3) * 0.4, 900)
    expect(() => checkTrial([coarse], facts, ONE)).toThrow(
      /no two different scores of 900 are closer than 0\.4/,
    )
  })
  test('a list that the graph has finished is not judged by its empty rows, nor by the few things found in noise', () => {
    const empty = boxes(() => 0, 300).map((row) => ({ ...row, right: 0, bottom: 0 }))
    const some = (count: number, score: (n: number) => number) => [...boxes(score, count), ...empty]
    const check = (found: ReturnType<typeof boxes>, finished: boolean) => () =>
      checkTrial([found], facts, { ...ONE, finished })
    for (const found of [empty, some(1, () => 0.9), some(3, (n) => 0.3 * (n + 1))]) {
      expect(check(found, true)).not.toThrow()
      expect(check(found, false)).toThrow('would never find anything')
    }
    expect(
      check(
        some(1, () => 7),
        true,
      ),
    ).toThrow('instead of 0 to 1')
    expect(
      check(
        some(300, () => 0.5),
        true,
      ),
    ).toThrow('would never find anything')
  })
  test('nothing but the same is sound only where a fine step of every output of scores rounds it away', () => {
    const check =
      (score: number, outputSteps: OnnxFacts['outputSteps'], ...scoreOutputs: string[]) =>
      () =>
        checkTrial([boxes(() => score, 900)], { ...facts, outputSteps }, { scoreOutputs })
    expect(check(0, { out: [1 / 256] }, 'out')).not.toThrow()
    expect(check(0.5, { out: [1 / 256] }, 'out')).toThrow('would never find anything')
    expect(check(0, {}, 'out')).toThrow('would never find anything')
    expect(check(0, { out: [1 / 256, 1 / 128] }, 'out')).not.toThrow()
    expect(check(0, { out: [1 / 256, 2.5] }, 'out'), 'whose scores are which').toThrow(
      /every score of 900 is 0/,
    )
    expect(check(0, { out: [1 / 256], more: [1 / 256] }, 'out', 'more')).not.toThrow()
    expect(check(0, { out: [1 / 256] }, 'out', 'more'), 'one is not known').toThrow(/every score of 900 is 0/)
    expect(check(0, { out: [1 / 256], boxes: [2.5] }, 'out', 'boxes')).toThrow(
      'output "boxes" moves in steps of 2.5',
    )
    expect(check(0, { out: [1 / 256], boxes: [2.5] }, 'out'), 'boxes may be coarse').not.toThrow()
    expect(check(0, { boxes: [1 / 256] }, 'out'), 'fine boxes excuse nothing').toThrow(
      /every score of 900 is 0/,
    )
  })
  test('a model that finds nothing in noise, and one with few cells, are sound', () => {
    expect(() => checkTrial([boxes((n) => (n % 4) / 256, 900)], facts, ONE)).not.toThrow()
    expect(() => checkTrial([boxes((n) => (n % 3) * 0.4, 60)], facts, ONE)).not.toThrow()
  })
})
