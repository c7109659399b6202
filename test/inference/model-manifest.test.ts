import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { familyNames } from '../../inference/family/table.ts'
import { COCO_80, parseNames, unnamedLabels } from '../../inference/model/labels.ts'
import { parseManifest } from '../../inference/model/manifest.ts'
import { readSidecar } from '../../inference/model/sidecar.ts'
import { echoManifest } from '../support/onnx.ts'

const SHA = 'a'.repeat(64)

describe('manifest', () => {
  test('a sound one is taken as it is', () => {
    expect(parseManifest(echoManifest(SHA), 'm.json')).toMatchObject({ id: 'echo', labels: ['thing'] })
  })

  test.each([
    ['an unknown key', { colour: 'red' }, 'm.json: colour: unknown key'],
    ['an unknown family', { family: 'yolo99' }, 'm.json: family:'],
    ['a wrong hash', { sha256: 'abc' }, 'm.json: sha256: sha256 is 64 lower-case hex digits'],
    ['no labels', { labels: [] }, 'm.json: labels:'],
    [
      'a threshold above 1',
      { thresholds: { score: 7, nmsIou: 0.4 } },
      'm.json: thresholds.score: must be a number from 0 to 1; it is 7. Correct the manifest: models/README.md says',
    ],
    ['a missing key', { licence: undefined }, 'm.json: licence: must be text; it is missing. Correct'],
    ['an odd list', { labels: 'fire' }, 'labels: must be a list of at least one class name; it is "fire". C'],
    ['an odd part', { thresholds: 0.5 }, 'm.json: thresholds: must be an object; it is 0.5. Correct'],
    ['a long value', { id: 'A'.repeat(90) }, `it is "${'A'.repeat(59)} …. Correct`],
    [
      'an odd resize',
      { input: { width: 16, height: 32, order: 'RBG', range: '0-1', resize: { kind: 'crop' } } },
      /input\.width: must be a whole number from 32 to 4096; it is 16\n.*input\.order: must be "RGB" or "BGR"; it is "RBG"\n.*input\.resize\.kind: must be "stretch" or "letterbox"; it is "crop"\. C/,
    ],
    ['a file that is no ONNX file', { file: 'x.pt' }, 'm.json: file: the file of a model ends in .onnx'],
    [
      'an operating point of a label that it lacks',
      { thresholds: { score: 0.5, nmsIou: 0.4, byLabel: { fire: 0.3 } } },
      'm.json: thresholds.byLabel.fire: is no label of this model; its labels: thing. Remove it or correct its spelling. Correct the manifest',
    ],
    [
      'an unknown key deep inside',
      { thresholds: { score: 0.5, nmsIou: 0.4, max: 3 } },
      'm.json: thresholds.max: unknown key',
    ],
  ])('%s is refused by its key', (_, change, message) => {
    expect(() => parseManifest(echoManifest(SHA, change), 'm.json')).toThrow(message)
  })

  test('the example of models/README.md is sound, and the page names every family', () => {
    const page = readFileSync(new URL('../../models/README.md', import.meta.url), 'utf8')
    const example = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
    expect(parseManifest(JSON.parse(example), 'README.md').family).toBe('yolox')
    for (const name of familyNames()) expect(page).toContain(`\`${name}\``)
  })

  test('every fault is told at once', () => {
    expect(() => parseManifest(echoManifest(SHA, { family: 'no', labels: [] }), 'm.json')).toThrow(
      /family[\s\S]*labels/,
    )
  })
})

describe('sidecar', () => {
  const sidecar = (preprocess: object, more: object = {}) =>
    readSidecar({ preprocess, postprocess: { family: 'yolox' }, ...more }, 's.json')

  test.each([
    ['letterbox, picture top-left, pad 114', { kind: 'letterbox', place: 'top-left', pad: 114 }],
    ['letterbox centred, pad 0', { kind: 'letterbox', place: 'centred', pad: 0 }],
    ['stretch to 320x240', { kind: 'stretch' }],
    ['any size; tested 640x640 letterbox top-left pad 0', { kind: 'letterbox', place: 'top-left', pad: 0 }],
  ])('resize "%s"', (resize, expected) => {
    const found = sidecar({ resize, range: '0-255' })
    expect(found?.input?.resize).toEqual(expected)
    expect(found?.notes).toEqual([])
  })

  test('sizes, ranges and scales', () => {
    expect(sidecar({ resize: 'stretch to 320x240' })?.size).toEqual({ width: 320, height: 240 })
    expect(sidecar({ range: '0-255 float' })?.input?.range).toBe('0-255')
    expect(sidecar({ range: '0-1' })?.input?.range).toBe('0-1')
    expect(sidecar({ scale: '(v-127)/128' })?.input).toMatchObject({
      mean: [127, 127, 127],
      std: [128, 128, 128],
    })
    expect(sidecar({ scale: '(v-mean)/std', mean: [1, 2, 3], std: [4, 5, 6] })?.input).toMatchObject({
      range: '0-255',
      mean: [1, 2, 3],
      std: [4, 5, 6],
    })
  })

  test('what is not understood is left out and named', () => {
    const found = sidecar({ resize: 'crop', range: 'odd' }, { postprocess: { family: 'martian' } })
    expect(found?.input).toEqual({})
    expect(found?.family).toBeUndefined()
    expect(found?.notes.join('\n')).toMatch(/martian[\s\S]*crop[\s\S]*range/)
  })

  test('the background is no label', () => {
    expect(sidecar({}, { classes: ['BACKGROUND', 'face'] })?.labels).toEqual(['face'])
  })

  test('other JSON is none', () => {
    for (const json of [null, [], {}, { name: 'x' }, 'text']) expect(readSidecar(json, 's.json')).toBeNull()
  })
})

describe('labels', () => {
  test('exactly 80 nameless classes are those of COCO, any other number is numbered', () => {
    expect(COCO_80).toHaveLength(80)
    expect(unnamedLabels(80)).toBe(COCO_80)
    expect(unnamedLabels(2)).toEqual(['class_0', 'class_1'])
  })

  test('names as Ultralytics writes them', () => {
    expect(parseNames(`{0: 'person', 1: "driver's door", 2: 'it\\'s'}`)).toEqual([
      'person',
      "driver's door",
      "it's",
    ])
    expect(parseNames(`{0: 'a', 2: 'c'}`)).toBeNull()
    expect(parseNames('nonsense')).toBeNull()
    expect(parseNames(undefined)).toBeNull()
  })
})
