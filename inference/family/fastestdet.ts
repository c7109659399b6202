import type { DecodeContext, Family, Outputs, RawBox } from './family.ts'
import { expectLength, floatOutput, inputSize, NO_SHIFT, no, STRETCH, shapeText, yes } from './tensor.ts'

const STRIDE = 16
const sigmoid = (v: number) => 1 / (1 + Math.exp(-v))

/**
 * FastestDet: one output [1, 5 + classes, height/16, width/16]. Planes: objectness, offsets (tanh), sizes (sigmoid, of
 * the whole picture), class scores after the softmax; score = objectness^0.6 × class^0.4 (dog-qiuqiu/FastestDet).
 */
export const fastestdet: Family = {
  name: 'fastestdet',
  needsNms: true,

  recognise(graph) {
    const [output] = graph.outputs
    if (graph.outputs.length !== 1 || output?.shape.length !== 4) return no('wants one output of four axes')
    const [, planes, height, width] = output.shape
    if (typeof planes !== 'number' || planes < 6) return no('wants 6 or more planes')
    const size = inputSize(graph)
    const fits = size && width === size.width / STRIDE && height === size.height / STRIDE
    return fits
      ? yes(`one output ${shapeText(output)}: a grid of stride ${STRIDE}`)
      : no(`wants a grid of stride ${STRIDE}`)
  },

  classCount(graph) {
    const planes = graph.outputs[0]?.shape[1]
    return typeof planes === 'number' ? planes - 5 : null
  },

  defaults: () => ({
    input: { order: 'BGR', range: '0-1', ...NO_SHIFT, resize: STRETCH },
    size: { width: 352, height: 352 },
    thresholds: { score: 0.65, nmsIou: 0.45 },
  }),

  decode: decodePlanes,
}

function decodePlanes(outputs: Outputs, context: DecodeContext): readonly RawBox[] {
  const name = context.outputNames[0] ?? ''
  const { dims, data } = floatOutput(outputs, name, 4)
  const [, planes = 0, gridHeight = 0, gridWidth = 0] = dims
  expectLength(name, 'columns', gridWidth, context.width / STRIDE)
  expectLength(name, 'rows', gridHeight, context.height / STRIDE)
  const cells = gridWidth * gridHeight
  const at = (plane: number, cell: number) => data[plane * cells + cell] as number
  const boxes: RawBox[] = []
  for (let cell = 0; cell < cells; cell++) {
    const objectness = at(0, cell) ** 0.6
    if (objectness < context.minScore) continue
    let classId = 0
    for (let c = 1; c < planes - 5; c++) if (at(5 + c, cell) > at(5 + classId, cell)) classId = c
    const score = objectness * at(5 + classId, cell) ** 0.4
    if (score < context.minScore) continue
    const x = (((cell % gridWidth) + Math.tanh(at(1, cell))) / gridWidth) * context.width
    const y = ((Math.floor(cell / gridWidth) + Math.tanh(at(2, cell))) / gridHeight) * context.height
    const halfWidth = (sigmoid(at(3, cell)) * context.width) / 2
    const halfHeight = (sigmoid(at(4, cell)) * context.height) / 2
    boxes.push({
      classId,
      score,
      left: x - halfWidth,
      top: y - halfHeight,
      right: x + halfWidth,
      bottom: y + halfHeight,
    })
  }
  return boxes
}
