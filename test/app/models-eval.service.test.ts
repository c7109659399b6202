import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { assets, missingAssets } from '../support/assets.ts'

const run = promisify(execFile)
const MAIN = resolve(import.meta.dirname, '../../app/main.ts')
const models = (...args: string[]) => run(process.execPath, [MAIN, 'models', ...args])

describe.skipIf(missingAssets('evaluation of models'))('evaluation of models', () => {
  const yolox = join(assets.folder, 'models', 'coco-yolox-nano-416.onnx')

  test('a public detector on public pictures: figures in the range of its papers', async () => {
    const { stdout } = await models(
      ...['eval', yolox, '--data', join(assets.folder, 'data', 'coco-mini'), '--classes', 'person,car'],
      '--json',
    )
    const result = JSON.parse(stdout)
    expect(result).toMatchObject({ model: 'coco-yolox-nano-416', pictures: 76, negatives: 44 })
    expect(Object.keys(result.classes)).toEqual(['person', 'car'])
    expect(result.classes.person.boxes).toBe(148)
    expect(result.classes.person.ap50).toBeGreaterThan(0.55)
    expect(result.classes.person.ap50).toBeLessThan(0.65)
    expect(result.classes.person.ap50_95).toBeLessThan(result.classes.person.ap50)
    expect(result.msPerFrame).toBeGreaterThan(0)
  })

  test('pictures of other things are refused, with what the model knows', async () => {
    const failure = models('eval', yolox, '--data', join(assets.folder, 'data', 'masks'))
    await expect(failure).rejects.toThrow(/knows none of face_masked, face_bare.*it knows person, bicycle/)
  })

  test('pictures without a list of classes are free of fire and smoke, not of people and cars', async () => {
    const { stdout, stderr } = await models(
      ...['eval', 'hazard-416', '--data', join(assets.folder, 'data', 'chimney'), '--json'],
    )
    const result = JSON.parse(stdout)
    expect(result).toMatchObject({ pictures: 6, negatives: 6 })
    expect(Object.keys(result.classes)).toEqual(['fire', 'smoke'])
    expect(result.classes.fire.falseBoxesPer100Negatives).toBe(0)
    expect(stderr).toContain('taken as free of fire and smoke; name others with --classes')
  })

  test('the speed of a model stands beside bare ONNX Runtime', async () => {
    const { stdout } = await models('bench', yolox, '--pictures', '10', '--runs', '1', '--json')
    const { figures } = JSON.parse(stdout)
    expect(figures.map(({ what }: { what: string }) => what)).toEqual([
      'a picture, from pixels to boxes',
      'bare ONNX Runtime',
      'ratio',
      'memory of the model with its session',
      'memory of a bare session more',
    ])
    for (const { median } of figures.slice(0, 3)) expect(median).toBeGreaterThan(0)
  })
})
