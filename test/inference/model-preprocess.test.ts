import { describe, expect, test } from 'vitest'
import type { InputSpec } from '../../inference/family/family.ts'
import { createPreprocess } from '../../inference/model/preprocess.ts'

const plain = { range: '0-255', mean: [0, 0, 0], std: [1, 1, 1] } as const
const spec = (changes: Partial<InputSpec>): InputSpec => ({
  width: 4,
  height: 4,
  order: 'RGB',
  ...plain,
  resize: { kind: 'stretch' },
  ...changes,
})
const filled = (width: number, height: number, [r, g, b]: readonly [number, number, number]) => ({
  width,
  height,
  rgb: Uint8Array.from({ length: width * height * 3 }, (_, i) => [r, g, b][i % 3] as number),
})
const plane = (data: Float32Array, p: number) => [...data.subarray(p * 16, (p + 1) * 16)]

describe('values', () => {
  test('planes in the order that the model wants', () => {
    const picture = filled(4, 4, [10, 20, 30])
    const rgb = createPreprocess(spec({}))(picture).data
    expect([plane(rgb, 0)[5], plane(rgb, 1)[5], plane(rgb, 2)[5]]).toEqual([10, 20, 30])
    const bgr = createPreprocess(spec({ order: 'BGR' }))(picture).data
    expect([plane(bgr, 0)[5], plane(bgr, 1)[5], plane(bgr, 2)[5]]).toEqual([30, 20, 10])
  })

  test('range, mean and deviation count in the order of the planes', () => {
    const { data } = createPreprocess(
      spec({ order: 'BGR', range: '0-1', mean: [0.1, 0.2, 0.3], std: [0.5, 1, 2] }),
    )(filled(4, 4, [255, 51, 102]))
    expect(plane(data, 0)[0]).toBeCloseTo((0.4 - 0.1) / 0.5, 5)
    expect(plane(data, 1)[0]).toBeCloseTo((0.2 - 0.2) / 1, 5)
    expect(plane(data, 2)[0]).toBeCloseTo((1 - 0.3) / 2, 5)
  })

  test('the pad is normalised as a pixel', () => {
    const { data, placement } = createPreprocess(
      spec({
        mean: [14, 14, 14],
        std: [10, 10, 10],
        resize: { kind: 'letterbox', place: 'top-left', pad: 114 },
      }),
    )(filled(4, 2, [24, 34, 44]))
    expect(placement).toEqual({ left: 0, top: 0, width: 4, height: 2 })
    expect(plane(data, 0)).toEqual([...new Array(8).fill(1), ...new Array(8).fill(10)])
  })
})

describe('padding that is cut off', () => {
  const trimmed = spec({
    width: 8,
    height: 8,
    resize: { kind: 'letterbox', place: 'top-left', pad: 114, trim: 2 },
  })

  test('a wide picture takes as many rows as it needs, each plane behind the other', () => {
    const { data, width, height, placement } = createPreprocess(trimmed)(filled(8, 3, [10, 20, 30]))
    expect({ width, height }).toEqual({ width: 8, height: 4 })
    expect(placement).toEqual({ left: 0, top: 0, width: 8, height: 3 })
    const row = (value: number) => new Array<number>(8).fill(value)
    expect([...data]).toEqual([10, 20, 30].flatMap((v) => [...row(v), ...row(v), ...row(v), ...row(114)]))
  })

  test('pictures of another shape in turns: nothing of the one before is left', () => {
    const prepare = createPreprocess(trimmed)
    const fresh = [...createPreprocess(trimmed)(filled(3, 8, [1, 2, 3])).data]
    prepare(filled(8, 3, [200, 201, 202]))
    const again = prepare(filled(3, 8, [1, 2, 3]))
    expect({ width: again.width, height: again.height }).toEqual({ width: 4, height: 8 })
    expect([...again.data]).toEqual(fresh)
  })
})

describe('geometry', () => {
  test('a picture of the same size goes through as it is', () => {
    const rgb = Uint8Array.from({ length: 48 }, (_, i) => i * 5)
    const { data } = createPreprocess(spec({}))({ width: 4, height: 4, rgb })
    expect(plane(data, 1)).toEqual(Array.from({ length: 16 }, (_, i) => (i * 3 + 1) * 5))
  })

  test('half the size: the mean of each four (OpenCV INTER_LINEAR)', () => {
    const rgb = new Uint8Array(8 * 8 * 3)
    for (let i = 0; i < 64; i++) rgb[i * 3] = i
    const { data } = createPreprocess(spec({}))({ width: 8, height: 8, rgb })
    expect(plane(data, 0).slice(0, 4)).toEqual([4.5, 6.5, 8.5, 10.5])
    expect(plane(data, 0)[15]).toBe((54 + 55 + 62 + 63) / 4)
  })

  test('twice the size: edges repeat, inner pixels lean to the nearer one', () => {
    const rgb = Uint8Array.from([0, 0, 0, 100, 0, 0, 0, 0, 0, 100, 0, 0])
    const { data } = createPreprocess(spec({}))({ width: 2, height: 2, rgb })
    expect(plane(data, 0).slice(0, 4)).toEqual([0, 25, 75, 100])
  })

  test('another picture size: nothing of the former picture is left in the pad', () => {
    const preprocess = createPreprocess(spec({ resize: { kind: 'letterbox', place: 'centred', pad: 1 } }))
    preprocess(filled(4, 4, [200, 200, 200]))
    const { data, placement } = preprocess(filled(8, 4, [50, 50, 50]))
    expect(placement).toEqual({ left: 0, top: 1, width: 4, height: 2 })
    expect(plane(data, 0)).toEqual([1, 1, 1, 1, ...new Array(8).fill(50), 1, 1, 1, 1])
  })
})
