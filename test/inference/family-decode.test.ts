import { describe, expect, test } from 'vitest'
import { detr } from '../../inference/family/detr.ts'
import type { Family, Outputs, RawBox } from '../../inference/family/family.ts'
import { fastestdet } from '../../inference/family/fastestdet.ts'
import { gfl } from '../../inference/family/gfl.ts'
import { ssd } from '../../inference/family/ssd.ts'
import { yolov8 } from '../../inference/family/yolov8.ts'
import { yolov10 } from '../../inference/family/yolov10.ts'
import { yolox } from '../../inference/family/yolox.ts'
import { yunet } from '../../inference/family/yunet.ts'

// An input of 64x32: grids of 8x4, 4x2 and 2x1 cells for the strides 8, 16, 32; 42 cells in all.
const SIZE = { width: 64, height: 32 }
const CELLS = 42

const decode = (family: Family, outputs: Outputs, minScore = 0.3): readonly RawBox[] =>
  family.decode(outputs, { ...SIZE, minScore, outputNames: Object.keys(outputs) })

const tensor = (dims: readonly number[], set: Record<number, number> = {}) => {
  const data = new Float32Array(dims.reduce((a, b) => a * b))
  for (const [i, v] of Object.entries(set)) data[Number(i)] = v
  return { dims, data }
}

const row = (index: number, columns: number, values: readonly number[]) =>
  Object.fromEntries(values.map((v, i) => [index * columns + i, v]))

const near = (box: RawBox | undefined, expected: Omit<RawBox, 'score'> & { score: number }) => {
  expect(box).toBeDefined()
  for (const [key, value] of Object.entries(expected))
    expect(box?.[key as keyof RawBox], key).toBeCloseTo(value, 4)
}

describe('yolox', () => {
  test('a cell of each stride: centre = (offset + cell) × stride, size = exp × stride, score = objectness × class', () => {
    const outputs = {
      output: tensor([1, CELLS, 7], {
        ...row(8 + 2, 7, [0.5, 0.25, Math.log(2), Math.log(4), 0.8, 0.1, 0.9]), // stride 8: column 2, row 1
        ...row(32 + 5, 7, [0, 0, 0, 0, 0.9, 0.6, 0.2]), // stride 16: column 1, row 1
        ...row(40 + 1, 7, [1, 0.5, 0, 0, 1, 1, 0]), // stride 32: column 1, row 0
      }),
    }
    const boxes = decode(yolox, outputs)
    expect(boxes).toHaveLength(3)
    near(boxes[0], { classId: 1, score: 0.72, left: 12, top: -6, right: 28, bottom: 26 })
    near(boxes[1], { classId: 0, score: 0.54, left: 8, top: 8, right: 24, bottom: 24 })
    near(boxes[2], { classId: 0, score: 1, left: 48, top: 0, right: 80, bottom: 32 })
  })

  test('below the threshold nothing is said, neither by objectness nor by their product', () => {
    const outputs = {
      output: tensor([1, CELLS, 7], {
        ...row(0, 7, [0, 0, 0, 0, 0.29, 1, 0]),
        ...row(1, 7, [0, 0, 0, 0, 0.5, 0.5, 0]),
      }),
    }
    expect(decode(yolox, outputs)).toEqual([])
    expect(decode(yolox, outputs, 0.25)).toHaveLength(2)
  })

  test('an output of another length is refused with both lengths', () => {
    expect(() => decode(yolox, { output: tensor([1, 40, 7]) })).toThrow('"output" has 40 rows, expected 42')
  })
})

test('yolov8: rows are centre and size in input pixels, then a score a class', () => {
  const data: Record<number, number> = {}
  const column = 7
  for (const [i, v] of [30, 10, 20, 8, 0.1, 0.7, 0.2].entries()) data[i * CELLS + column] = v
  const boxes = decode(yolov8, { output0: tensor([1, 7, CELLS], data) })
  expect(boxes).toHaveLength(1)
  near(boxes[0], { classId: 1, score: 0.7, left: 20, top: 6, right: 40, bottom: 14 })
})

test('ssd: fractions of the input, class 0 is the background and never found', () => {
  const outputs = {
    scores: tensor([1, 2, 3], { ...row(0, 3, [0.1, 0.2, 0.7]), ...row(1, 3, [0.95, 0.03, 0.02]) }),
    boxes: tensor([1, 2, 4], { ...row(0, 4, [0.25, 0.5, 0.5, 1]), ...row(1, 4, [0, 0, 1, 1]) }),
  }
  const boxes = decode(ssd, outputs)
  expect(boxes).toHaveLength(1)
  near(boxes[0], { classId: 1, score: 0.7, left: 16, top: 16, right: 32, bottom: 32 })
  // The order of the outputs does not matter: they are told apart by their shapes.
  expect(decode(ssd, { boxes: outputs.boxes, scores: outputs.scores })).toEqual(boxes)
})

test('yolov10: finished rows', () => {
  const boxes = decode(yolov10, {
    output0: tensor([1, 3, 6], { ...row(0, 6, [1, 2, 3, 4, 0.9, 5]), ...row(1, 6, [1, 2, 3, 4, 0.2, 6]) }),
  })
  expect(boxes).toHaveLength(1)
  near(boxes[0], { classId: 5, score: 0.9, left: 1, top: 2, right: 3, bottom: 4 })
})

test('detr: the input size is told as the picture size, so boxes come in input pixels', () => {
  const size = detr.extraInputs?.({ width: 320, height: 240 })
  expect(size?.orig_target_sizes?.data).toEqual(BigInt64Array.of(320n, 240n))
  const boxes = decode(detr, {
    labels: { dims: [2], data: BigInt64Array.of(3n, 7n) },
    boxes: tensor([2, 4], { ...row(0, 4, [1, 2, 3, 4]), ...row(1, 4, [5, 6, 7, 8]) }),
    scores: tensor([2], { 0: 0.1, 1: 0.6 }),
  })
  expect(boxes).toHaveLength(1)
  near(boxes[0], { classId: 7, score: 0.6, left: 5, top: 6, right: 7, bottom: 8 })
  expect(() => decode(detr, { boxes: tensor([1, 4]) })).toThrow('labels (int64), boxes (float32) and scores')
})

describe('gfl', () => {
  // Eight bins a side: one bin far above the rest is a softmax of 1 there, so the side is that bin times the stride.
  const sides = (left: number, top: number, right: number, bottom: number) =>
    [left, top, right, bottom].flatMap((bin) => Array.from({ length: 8 }, (_, i) => (i === bin ? 100 : 0)))
  const levels = (counts: readonly number[], cell: number, bins: readonly number[]): Outputs => {
    const scores = counts.map((n, i) => [`s${i}`, tensor([1, n, 2], i === 0 ? row(cell, 2, [0.2, 0.8]) : {})])
    const boxes = counts.map((n, i) => [`b${i}`, tensor([1, n, 32], i === 0 ? row(cell, 32, bins) : {})])
    return Object.fromEntries([...scores, ...boxes])
  }

  test('NanoDet, three levels: the centre is the middle of the pixels of a cell', () => {
    const boxes = decode(gfl, levels([32, 8, 2], 8 + 3, sides(1, 0, 2, 3)))
    expect(boxes).toHaveLength(1)
    near(boxes[0], { classId: 1, score: 0.8, left: 19.5, top: 11.5, right: 43.5, bottom: 35.5 })
  })

  test('PicoDet, four levels: the centre is the middle of the area of a cell', () => {
    const boxes = decode(gfl, levels([32, 8, 2, 1], 8 + 3, sides(1, 0, 2, 3)))
    near(boxes[0], { classId: 1, score: 0.8, left: 20, top: 12, right: 44, bottom: 36 })
  })

  test('equal bins mean their middle', () => {
    const boxes = decode(gfl, levels([32, 8, 2], 0, new Array(32).fill(1)))
    near(boxes[0], {
      classId: 1,
      score: 0.8,
      left: 3.5 - 28,
      top: 3.5 - 28,
      right: 3.5 + 28,
      bottom: 3.5 + 28,
    })
  })
})

test('fastestdet: offsets through tanh, sizes through the sigmoid, score = objectness^0.6 × class^0.4', () => {
  const cells = 8
  const data: Record<number, number> = {}
  const cell = 4 + 1
  for (const [plane, v] of [0.9, 0, 0, 0, 0, 0.3, 0.6].entries()) data[plane * cells + cell] = v
  const boxes = decode(fastestdet, { out: tensor([1, 7, 2, 4], data) })
  expect(boxes).toHaveLength(1)
  near(boxes[0], { classId: 1, score: 0.9 ** 0.6 * 0.6 ** 0.4, left: 0, top: 8, right: 32, bottom: 24 })
})

test('yunet: score = √(cls × obj), landmarks are never read', () => {
  const outputs: Record<string, { dims: readonly number[]; data: Float32Array }> = {}
  for (const [stride, n] of [
    [8, 32],
    [16, 8],
    [32, 2],
  ] as const) {
    outputs[`cls_${stride}`] = tensor([1, n, 1], stride === 16 ? { 5: 0.64 } : {})
    outputs[`obj_${stride}`] = tensor([1, n, 1], stride === 16 ? { 5: 1 } : {})
    outputs[`bbox_${stride}`] = tensor([1, n, 4], stride === 16 ? row(5, 4, [0.5, 0.5, 0, Math.log(2)]) : {})
  }
  const boxes = decode(yunet, outputs)
  expect(boxes).toHaveLength(1)
  near(boxes[0], { classId: 0, score: 0.8, left: 16, top: 8, right: 32, bottom: 40 })
})
