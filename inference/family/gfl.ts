import type { Axis, DecodeContext, Family, FamilyDefaults, Outputs, RawBox } from './family.ts'
import { expectLength, floatOutput, largest, letterbox, no, STRETCH, yes } from './tensor.ts'

/** ImageNet mean and deviation, RGB, 0..255. */
const MEAN = [123.675, 116.28, 103.53] as const
const STD = [58.395, 57.12, 57.375] as const

/**
 * Generalised Focal Loss heads, raw: NanoDet (three levels) and PicoDet (four). For each level class scores
 * [1, cells, classes] after the sigmoid and box distributions [1, cells, 4 × bins]; first all scores, then all boxes.
 * A side is the mean of its softmax over 0 … bins-1, times the stride, from the cell's centre.
 */
export const gfl: Family = {
  name: 'gfl',
  needsNms: true,

  recognise(graph) {
    const levels = levelsOf(graph.outputs.map((output) => output.shape))
    return levels
      ? yes(
          `${levels} levels of class scores and of box distributions (${levels === 3 ? 'NanoDet' : 'PicoDet'})`,
        )
      : no('wants 3 or 4 outputs of class scores, then as many of 4 × bins')
  },

  classCount(graph) {
    const columns = graph.outputs[0]?.shape[2]
    return typeof columns === 'number' ? columns : null
  },

  defaults: (graph) => (graph.outputs.length === 6 ? NANODET : PICODET),

  scoreOutputs: ({ outputs }) => outputs.slice(0, outputs.length / 2).map(({ name }) => name),

  decode: decodeLevels,
}

const NANODET: FamilyDefaults = {
  input: {
    order: 'BGR',
    range: '0-255',
    mean: [MEAN[2], MEAN[1], MEAN[0]],
    std: [STD[2], STD[1], STD[0]],
    resize: letterbox('centred', 0),
  },
  size: { width: 416, height: 416 },
  thresholds: { score: 0.35, nmsIou: 0.5 },
}

const PICODET: FamilyDefaults = {
  input: { order: 'RGB', range: '0-255', mean: MEAN, std: STD, resize: STRETCH },
  size: { width: 320, height: 320 },
  thresholds: { score: 0.4, nmsIou: 0.5 },
}

function levelsOf(shapes: readonly (readonly Axis[])[]): number | null {
  const levels = shapes.length / 2
  if (levels !== 3 && levels !== 4) return null
  if (shapes.some((shape) => shape.length !== 3)) return null
  const [scores, sides] = [shapes.slice(0, levels), shapes.slice(levels)]
  const [columns, bins] = [scores[0]?.[2], sides[0]?.[2]]
  if (typeof columns !== 'number' || typeof bins !== 'number' || bins % 4 !== 0 || bins < 8) return null
  const fits = scores.every(
    (shape, i) => shape[2] === columns && sides[i]?.[2] === bins && sides[i]?.[1] === shape[1],
  )
  return fits ? levels : null
}

function decodeLevels(outputs: Outputs, context: DecodeContext): readonly RawBox[] {
  const levels = context.outputNames.length / 2
  const boxes: RawBox[] = []
  for (let level = 0; level < levels; level++) {
    const stride = 8 << level
    const scoresName = context.outputNames[level] ?? ''
    const sidesName = context.outputNames[level + levels] ?? ''
    const scores = floatOutput(outputs, scoresName, 3)
    const sides = floatOutput(outputs, sidesName, 3)
    const gridWidth = Math.ceil(context.width / stride)
    const cells = gridWidth * Math.ceil(context.height / stride)
    expectLength(scoresName, 'rows', scores.dims[1], cells)
    expectLength(sidesName, 'rows', sides.dims[1], cells)
    const classes = scores.dims[2] as number
    const bins = (sides.dims[2] as number) / 4
    // NanoDet puts a cell's centre at the middle of its pixels (0 … stride-1), PicoDet at the middle of its area.
    const centre = levels === 3 ? (stride - 1) / 2 : stride / 2
    for (let cell = 0; cell < cells; cell++) {
      const best = largest(scores.data, cell * classes, classes)
      if (best.value < context.minScore) continue
      const x = (cell % gridWidth) * stride + centre
      const y = Math.floor(cell / gridWidth) * stride + centre
      const side = (n: number) => expectedBin(sides.data, (cell * 4 + n) * bins, bins) * stride
      boxes.push({
        classId: best.index,
        score: best.value,
        left: x - side(0),
        top: y - side(1),
        right: x + side(2),
        bottom: y + side(3),
      })
    }
  }
  return boxes
}

/** Mean of the softmax over the bins 0 … bins-1. */
function expectedBin(data: Float32Array, offset: number, bins: number): number {
  const highest = largest(data, offset, bins).value
  let sum = 0
  let weighted = 0
  for (let i = 0; i < bins; i++) {
    const weight = Math.exp((data[offset + i] as number) - highest)
    sum += weight
    weighted += weight * i
  }
  return weighted / sum
}
