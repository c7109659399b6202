import type { DecodeContext, Family, Graph, Outputs, RawBox, TensorShape } from './family.ts'
import { expectLength, floatOutput, largest, no, STRETCH, shapesText, yes } from './tensor.ts'

/**
 * SSD with two outputs (Ultra-Light-Fast-Generic-Face-Detector and its kin): class scores [1, anchors, 1 + classes] after
 * the softmax, class 0 the background, and corner boxes [1, anchors, 4] as fractions of the input.
 */
export const ssd: Family = {
  name: 'ssd',
  needsNms: true,

  recognise(graph) {
    const found = findOutputs(graph.outputs)
    return found
      ? yes(
          `two outputs ${shapesText(graph.outputs)}: ${found.scores.name} scores with a background, ${found.boxes.name} corners`,
        )
      : no('wants two outputs [1,n,classes] and [1,n,4] of the same n')
  },

  classCount: (graph) => classColumns(graph) - 1,

  defaults: () => ({
    input: {
      order: 'RGB',
      range: '0-255',
      mean: [127, 127, 127],
      std: [128, 128, 128],
      resize: STRETCH,
    },
    size: { width: 320, height: 240 },
    thresholds: { score: 0.5, nmsIou: 0.3 },
  }),

  scoreOutputs(graph) {
    const found = findOutputs(graph.outputs)
    return found && [found.scores.name]
  },

  decode: decodeCorners,
}

function classColumns(graph: Graph): number {
  const columns = findOutputs(graph.outputs)?.scores.shape[2]
  return typeof columns === 'number' ? columns : 0
}

/** Tells scores and boxes apart by shape, by the word `box` in a name only where both have four columns. */
function findOutputs(outputs: readonly TensorShape[]): { scores: TensorShape; boxes: TensorShape } | null {
  const [a, b] = outputs
  if (!a || !b || outputs.length !== 2) return null
  if (a.shape.length !== 3 || b.shape.length !== 3 || a.shape[1] !== b.shape[1]) return null
  const isBox = (t: TensorShape) => t.shape[2] === 4
  const isScore = (t: TensorShape) => typeof t.shape[2] === 'number' && t.shape[2] >= 2
  if (isBox(a) && isBox(b)) {
    if (/box|loc/i.test(a.name)) return { scores: b, boxes: a }
    return /box|loc/i.test(b.name) ? { scores: a, boxes: b } : null
  }
  if (isBox(b) && isScore(a)) return { scores: a, boxes: b }
  return isBox(a) && isScore(b) ? { scores: b, boxes: a } : null
}

function decodeCorners(outputs: Outputs, context: DecodeContext): readonly RawBox[] {
  const shapes = context.outputNames.map((name) => ({
    name,
    type: 'float32',
    shape: outputs[name]?.dims ?? [],
  }))
  const found = findOutputs(shapes)
  const scoresName = found?.scores.name ?? context.outputNames[0] ?? ''
  const boxesName = found?.boxes.name ?? context.outputNames[1] ?? ''
  const scores = floatOutput(outputs, scoresName, 3)
  const corners = floatOutput(outputs, boxesName, 3)
  expectLength(boxesName, 'columns', corners.dims[2], 4)
  const [, anchors = 0, columns = 0] = scores.dims
  expectLength(boxesName, 'rows', corners.dims[1], anchors)
  const boxes: RawBox[] = []
  for (let i = 0; i < anchors; i++) {
    const best = largest(scores.data, i * columns + 1, columns - 1)
    if (best.value < context.minScore) continue
    const at = i * 4
    boxes.push({
      classId: best.index,
      score: best.value,
      left: (corners.data[at] as number) * context.width,
      top: (corners.data[at + 1] as number) * context.height,
      right: (corners.data[at + 2] as number) * context.width,
      bottom: (corners.data[at + 3] as number) * context.height,
    })
  }
  return boxes
}
