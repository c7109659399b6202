import { describe, expect, test } from 'vitest'
import type { Axis, Graph } from '../../inference/family/family.ts'
import { FAMILIES, recogniseFamily } from '../../inference/family/table.ts'

const graph = (
  input: readonly Axis[],
  outputs: Record<string, readonly Axis[]>,
  metadata: Record<string, string> = {},
): Graph => ({
  inputs: [{ name: 'images', type: 'float32', shape: input }],
  outputs: Object.entries(outputs).map(([name, shape]) => ({ name, type: 'float32', shape })),
  metadata,
})
const levels = (n: readonly number[], columns: number) =>
  n.map((cells, i) => [`${columns}-${i}`, [1, cells, columns]] as const)

const KNOWN: readonly [string, Graph][] = [
  ['yolox', graph([1, 3, 416, 416], { output: [1, 3549, 85] })],
  ['yolox', graph([1, 3, 416, 416], { output: [1, 3549, 6] })],
  ['yolov8', graph([1, 3, 640, 640], { output0: [1, 84, 8400] })],
  ['yolov8', graph([1, 3, 'height', 'width'], { output0: [1, 84, 'anchors'] })],
  ['yolov8', graph([1, 3, 640, 640], { output0: [1, 6, 8400] })],
  ['yolov10', graph([1, 3, 640, 640], { output0: [1, 300, 6] })],
  ['ssd', graph([1, 3, 240, 320], { scores: [1, 4420, 2], boxes: [1, 4420, 4] })],
  ['ssd', graph([1, 3, 240, 320], { boxes: [1, 4420, 4], scores: [1, 4420, 4] })],
  [
    'gfl',
    graph(
      [1, 3, 416, 416],
      Object.fromEntries([...levels([2704, 676, 169], 80), ...levels([2704, 676, 169], 32)]),
    ),
  ],
  ['fastestdet', graph([1, 3, 352, 352], { '758': [1, 85, 22, 22] })],
]

test.each(KNOWN)('%s is found by its shapes', (name, found) => {
  const { family, why } = recogniseFamily(found)
  expect(family.name).toBe(name)
  expect(why).not.toBe('')
})

describe('what is not known is refused with what was seen', () => {
  const unknown: readonly [string, Graph, string][] = [
    ['YOLOv5', graph([1, 3, 640, 640], { output: [1, 25200, 85] }), 'output [1,25200,85]'],
    ['a classifier', graph([1, 3, 224, 224], { logits: [1, 1000] }), 'logits [1,1000]'],
    [
      'a pose model',
      graph([1, 3, 640, 640], { output0: [1, 56, 8400] }, { task: 'pose' }),
      'its task is "pose"',
    ],
    ['no output', graph([1, 3, 640, 640], {}), 'its outputs are none'],
  ]
  test.each(unknown)('%s', (_, found, text) => {
    expect(() => recogniseFamily(found)).toThrow(text)
    for (const family of FAMILIES) expect(() => recogniseFamily(found)).toThrow(family.name)
  })
})

test('class counts leave the background out', () => {
  const counts = KNOWN.map(([, found]) => recogniseFamily(found).family.classCount(found))
  expect(counts).toEqual([80, 1, 80, 80, 2, null, 1, 3, 80, 80])
})

test('families of several outputs know which of them have the scores', () => {
  const of = (found: Graph) => recogniseFamily(found).family.scoreOutputs?.(found)
  const shapes = (...names: string[]) => Object.fromEntries(names.map((name) => [name, [1, 9, 1]] as const))
  const each = (name: string) => [8, 16, 32].map((stride) => `${name}_${stride}`)
  expect(of(KNOWN[7]?.[1] as Graph)).toEqual(['scores'])
  expect(of(KNOWN[8]?.[1] as Graph)).toEqual(['80-0', '80-1', '80-2'])
  const yunet = graph([1, 3, 640, 640], shapes(...each('cls'), ...each('obj'), ...each('bbox')))
  expect(of(yunet)?.toSorted()).toEqual([...each('cls'), ...each('obj')].toSorted())
  const detr = graph([1, 3, 640, 640], shapes('labels', 'boxes', 'scores'))
  const size = { name: 'orig_target_sizes', type: 'int64', shape: [1, 2] }
  expect(of({ ...detr, inputs: [...detr.inputs, size] })).toEqual(['scores'])
})
