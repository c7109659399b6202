import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ModelFault } from '../../core/unavailable.ts'
import { inspectModel, listModels, resolveModel } from '../../inference/model/catalogue.ts'
import { loadModel } from '../../inference/model/loaded-model.ts'
import { drawFinding, echoManifest, echoModel, onnxBytes } from '../support/onnx.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const ECHO = echoModel()
let root: string
let folders = 0

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sharp-eyes-models-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** A folder with these files; objects are written as JSON. */
async function folderOf(files: Record<string, Uint8Array | string | object>): Promise<string> {
  const folder = join(root, String(folders++))
  await mkdir(folder)
  for (const [name, content] of Object.entries(files)) {
    const isBytes = content instanceof Uint8Array || typeof content === 'string'
    await writeFile(join(folder, name), isBytes ? content : JSON.stringify(content))
  }
  return folder
}

const faultOf = async (file: string, why?: ModelFault) => {
  const report = await inspectModel(file)
  await expect(loadModel({ modelFile: file })).rejects.toMatchObject({
    code: 'model_invalid',
    message: report.fault,
    ...(why && { details: { why } }),
  })
  return report.fault ?? ''
}

describe('a sound model', () => {
  test('finds what is drawn, through its manifest', async () => {
    const folder = await folderOf({ 'echo.onnx': ECHO, 'echo.json': echoManifest(sha256(ECHO)) })
    const model = await loadModel({ modelFile: join(folder, 'echo.onnx') })
    expect(model.spec).toMatchObject({ id: 'echo', family: 'yolox', describedBy: { kind: 'manifest' } })
    const found = await model.detect(
      drawFinding({ cell: 5, score: 0.6 }, { cell: 10, score: 0.8 }, { cell: 15, score: 0.3 }),
    )
    expect(found.map(({ label, score }) => [label, Number(score.toFixed(2))])).toEqual([
      ['thing', 0.8],
      ['thing', 0.6],
    ])
    const [left, top, right, bottom] = found[0]?.box ?? []
    expect([left, top, right, bottom].map((v) => Number(v?.toFixed(2)))).toEqual([0.5, 0.5, 0.75, 0.75])
    expect(await model.detect(drawFinding({ cell: 15, score: 0.3 }), 0.1)).toHaveLength(1)
    expect(await model.detect(drawFinding())).toEqual([])
    await model.release()
  })

  test('the manifest is found by its name, by its content, and named itself', async () => {
    const manifest = echoManifest(sha256(ECHO))
    for (const [name, named] of [
      ['echo.json', 'echo.onnx'],
      ['default.json', 'echo.onnx'],
      ['default.json', 'default.json'],
    ] as const) {
      const folder = await folderOf({ 'echo.onnx': ECHO, [name]: manifest })
      const report = await inspectModel(join(folder, named))
      expect(report.fault).toBeNull()
      expect(report.describedBy).toEqual({ kind: 'manifest', file: join(folder, name) })
    }
  })

  test('a bare file is read by its graph; Ultralytics names are taken from it', async () => {
    // Without a manifest the family's own range 0-255 holds, which this little network echoes as scores: see below.
    const folder = await folderOf({ 'bare.onnx': echoModel({ metadata: { names: "{0: 'pail'}" } }) })
    const report = await inspectModel(join(folder, 'bare.onnx'))
    expect(report).toMatchObject({ family: 'yolox', labels: ['pail'], labelsFrom: 'names in the ONNX file' })
    expect(report.describedBy).toEqual({ kind: 'graph', file: null })
  })
})

describe('a model of two outputs is judged by the one with the scores', () => {
  /** Nothing but zeros; each output in steps of its own, or computed (null), so that its steps cannot be told. */
  const ssd = (scores: number | null, boxes: number | null) => {
    const ends = Object.entries({ scores, boxes }).map(([name, step]) => {
      const shape = [1, 21, name === 'scores' ? 2 : 4]
      const fixed = { name: `${name}_fixed`, shape, values: new Float32Array(21 * (shape[2] ?? 0)) }
      const scale = { name: `${name}_step`, shape: [], values: Float32Array.of(step ?? 1) }
      const end = (operator: string, from: string, to: string) => ({
        ...{ operator, inputs: operator === 'Relu' ? [from] : [from, scale.name], outputs: [to] },
      })
      const whole = `${name}_whole`
      const nodes =
        step === null
          ? [end('Relu', fixed.name, name)]
          : [end('QuantizeLinear', fixed.name, whole), end('DequantizeLinear', whole, name)]
      return { output: { name, shape }, tensors: [fixed, scale], nodes }
    })
    return onnxBytes({
      inputs: [{ name: 'images', shape: [1, 3, 32, 32] }],
      outputs: ends.map(({ output }) => output),
      nodes: ends.flatMap(({ nodes }) => nodes),
      tensors: ends.flatMap(({ tensors }) => tensors),
    })
  }

  test('crushed scores are refused, however fine the boxes', async () => {
    const folder = await folderOf({ 'ssd.onnx': ssd(null, 1 / 256) })
    expect(await faultOf(join(folder, 'ssd.onnx'), 'scores')).toContain('every score of 63 is 0')
  })

  test('fine scores load, however coarse the boxes', async () => {
    const folder = await folderOf({ 'ssd.onnx': ssd(1 / 256, 2.5) })
    const report = await inspectModel(join(folder, 'ssd.onnx'))
    expect(report).toMatchObject({ family: 'ssd', fault: null })
  })
})

describe('a broken model is refused with its fault and the way out', () => {
  const outputOf = (name: string, shape: readonly number[], operator = 'Identity') =>
    onnxBytes({
      inputs: [{ name: 'images', shape: [1, 3, 32, 32] }],
      outputs: [{ name, shape }],
      nodes: [{ operator, inputs: operator === 'Identity' ? ['fixed'] : ['images'], outputs: [name] }],
      tensors:
        operator === 'Identity'
          ? [{ name: 'fixed', shape, values: new Float32Array(shape.reduce((a, b) => a * b)) }]
          : [],
    })

  test.each<[string, Uint8Array | string, string | RegExp]>([
    ['an empty file', '', 'the file is empty'],
    ['a text', 'hello world, this is no model', 'not an ONNX file, or a truncated one (29 bytes)'],
    ['a web page', '<!DOCTYPE html><html>', 'it is a web page; download the file itself'],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\n', 'git lfs pull'],
    ['a PyTorch file', 'PK\x03\x04rest', 'a PyTorch .pt file?'],
    [
      'half a model',
      ECHO.subarray(0, 300),
      /not an ONNX file, or a truncated one \(300 bytes\): it ends \d+ bytes early/,
    ],
    [
      'an unknown family',
      outputOf('logits', [1, 1000]),
      'unknown decoder family: its outputs are logits [1,1000]',
    ],
    [
      'an operator nobody has',
      outputOf('output', [1, 21, 6], 'NoSuchThing'),
      'needs the operator NoSuchThing',
    ],
    [
      'an operator of somebody else',
      onnxBytes({
        inputs: [{ name: 'images', shape: [1, 3, 32, 32] }],
        outputs: [{ name: 'output', shape: [1, 21, 6] }],
        nodes: [{ operator: 'Fancy', domain: 'com.example', inputs: ['images'], outputs: ['output'] }],
      }),
      /needs the operator (com\.example:)?Fancy/,
    ],
    [
      'scores that never move',
      outputOf('output', [1, 21, 6]),
      'would never find anything: every score of 63 is 0',
    ],
    ['scores beyond 1', ECHO, 'instead of 0 to 1'],
    [
      'weights in other files',
      echoModel({
        tensors: [{ name: 'flat', shape: [2], values: BigInt64Array.of(1n, 3072n), external: true }],
      }),
      'keeps its weights in other files',
    ],
    [
      'four colours',
      echoModel({ inputs: [{ name: 'images', shape: [1, 4, 32, 24] }] }),
      'is not [1,3,height,width]',
    ],
    [
      'a batch',
      echoModel({ inputs: [{ name: 'images', shape: [8, 3, 32, 4] }] }),
      'takes 8 pictures at once',
    ],
    [
      'a changed input size',
      echoModel({
        inputs: [{ name: 'images', shape: [1, 3, 16, 64] }],
        metadata: { imgsz: '[32, 32]' },
        outputs: [{ name: 'output', shape: [1, 'n', 6] }],
        nodes: [
          { operator: 'Reshape', inputs: ['images', 'wrong'], outputs: ['line'] },
          { operator: 'Identity', inputs: ['line'], outputs: ['output'] },
        ],
        tensors: [{ name: 'wrong', shape: [3], values: BigInt64Array.of(1n, 500n, 6n) }],
      }),
      'fails at an input of 64x16 in the node Reshape to line (Reshape); the file says that it was exported for 32x32',
    ],
  ])('%s', async (_, bytes, message) => {
    const folder = await folderOf({ 'm.onnx': bytes })
    const fault = await faultOf(join(folder, 'm.onnx'))
    expect(fault).toMatch(message)
    expect(fault).toContain(join(folder, 'm.onnx'))
  })

  test('no file, and a folder', async () => {
    const folder = await folderOf({})
    expect(await faultOf(join(folder, 'none.onnx'), 'missing')).toContain('there is no such file')
    expect(await faultOf(folder, 'unreadable')).toContain('is a folder')
    expect(await faultOf(join(folder, 'none.json'), 'missing')).toContain('there is no such file')
    const manifest = join(await folderOf({}), 'folder.json')
    await mkdir(manifest)
    expect(await faultOf(manifest, 'unreadable')).toContain('is a folder')
    expect(await faultOf(join(folder, 'no', 'm.onnx'), 'missing')).toContain('cannot be read (ENOENT)')
    expect(await faultOf(join(await folderOf({ file: 'x' }), 'file', 'm.onnx'), 'unreadable')).toContain(
      '(ENOTDIR)',
    )
  })
})

describe('a description that contradicts its model is refused', () => {
  test.each<[string, object, string]>([
    ['another hash', { sha256: 'b'.repeat(64) }, `sha256 is ${sha256(ECHO)}, but`],
    [
      'another family',
      { family: 'ssd' },
      'says family "ssd", but its outputs are output [1,21,6], and ssd wants two outputs',
    ],
    [
      'another number of labels',
      { labels: ['a', 'b'] },
      'manifest gives 2 labels, the graph scores 1 classes',
    ],
    [
      'another size',
      { input: { width: 64, height: 64, order: 'RGB', range: '0-1', resize: { kind: 'stretch' } } },
      'says an input of 64x64, the graph takes 32x32',
    ],
    ['an unknown key', { colour: 1 }, 'colour: unknown key'],
  ])('%s', async (_, change, message) => {
    const folder = await folderOf({ 'echo.onnx': ECHO, 'echo.json': echoManifest(sha256(ECHO), change) })
    expect(await faultOf(join(folder, 'echo.onnx'))).toContain(message)
  })

  test('padding cut off for a graph of one size', async () => {
    const manifest = echoManifest(sha256(ECHO))
    const resize = { kind: 'letterbox', place: 'top-left', pad: 114, trim: 32 }
    const input = { ...(manifest as { input: object }).input, resize }
    const folder = await folderOf({ 'echo.onnx': ECHO, 'echo.json': { ...manifest, input } })
    expect(await faultOf(join(folder, 'echo.onnx'))).toMatch(
      /input\.resize\.trim 32, but the graph takes \d+x\d+ only; leave trim out/,
    )
  })

  test('a graph of another size than the file was trained for', async () => {
    const bytes = echoModel({ metadata: { 'input.width': '64' } })
    const folder = await folderOf({ 'echo.onnx': bytes, 'echo.json': echoManifest(sha256(bytes)) })
    expect(await faultOf(join(folder, 'echo.onnx'), 'size')).toContain(
      'its graph takes input.width 32, but the ONNX file says that it was trained for input.width 64, where alone its operating ' +
        'points hold; export it again for that size, or use a file trained for input.width 32',
    )
  })

  test('JSON beside it that is no manifest is not used, and said so', async () => {
    const folder = await folderOf({ 'echo.onnx': ECHO, 'echo.json': { hello: 1 } })
    expect((await inspectModel(join(folder, 'echo.onnx'))).notes.join()).toContain(
      'echo.json beside it is no manifest',
    )
  })

  test('a file that changed since another worker loaded it', async () => {
    const folder = await folderOf({ 'echo.onnx': ECHO })
    const request = { modelFile: join(folder, 'echo.onnx'), sha256: 'c'.repeat(64) }
    await expect(loadModel(request)).rejects.toThrow('the file changed while it was in use')
  })
})

describe('catalogue', () => {
  test('lists every model once, with its fault, and a manifest without its file', async () => {
    const folder = await folderOf({
      'echo.onnx': ECHO,
      'default.json': echoManifest(sha256(ECHO)),
      'bad.onnx': 'hello',
      'lost.json': echoManifest(sha256(ECHO), { id: 'lost', file: 'lost.onnx' }),
      'other.json': [1, 2, 3],
    })
    const steps: string[] = []
    const reports = await listModels(folder, (_, done, total) => steps.push(`${done}/${total}`))
    expect(reports.map(({ id, fault }) => [id, fault === null])).toEqual([
      ['bad', false],
      ['echo', true],
      ['lost', false],
    ])
    expect(reports[2]?.fault).toContain('there is no such file')
    expect(steps).toEqual(['0/3', '1/3', '2/3'])
    await expect(listModels(join(folder, 'none'))).rejects.toMatchObject({
      message: expect.stringContaining('cannot be read (ENOENT)'),
      details: { why: 'missing' },
    })
    await expect(listModels(join(folder, 'echo.onnx'))).rejects.toMatchObject({
      message: expect.stringContaining('cannot be read (ENOTDIR)'),
      details: { why: 'unreadable' },
    })
  })

  test('a link to nothing and a folder that are called like manifests keep no model from being found', async () => {
    const folder = await folderOf({ 'echo.onnx': ECHO, 'zz.json': echoManifest(sha256(ECHO)) })
    await symlink(join(folder, 'gone.json'), join(folder, 'dangling.json'))
    await mkdir(join(folder, 'folder.json'))
    expect((await listModels(folder)).map(({ id, fault }) => [id, fault])).toEqual([['echo', null]])
    expect(await resolveModel('echo', folder)).toBe(join(folder, 'zz.json'))
    expect((await inspectModel(join(folder, 'echo.onnx'))).describedBy?.file).toBe(join(folder, 'zz.json'))
    expect(await faultOf(join(folder, 'dangling.json'))).toContain('there is no such file')
  })

  test('a name is an id of the folder or a file', async () => {
    const folder = await folderOf({ 'default.json': echoManifest(sha256(ECHO)) })
    expect(await resolveModel('echo', folder)).toBe(join(folder, 'default.json'))
    expect(await resolveModel('/tmp/x.onnx', folder)).toBe('/tmp/x.onnx')
    await expect(resolveModel('nope', folder)).rejects.toThrow('no model "nope": known ids are echo')
    await expect(resolveModel('nope', await folderOf({}))).rejects.toThrow('holds no model manifest')
  })
})
