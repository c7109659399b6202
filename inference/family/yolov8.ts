import type { DecodeContext, Family, Outputs, RawBox } from './family.ts'
import {
  floatOutput,
  gridCells,
  inputSize,
  invalidOutput,
  letterbox,
  NO_SHIFT,
  no,
  shapeText,
  yes,
} from './tensor.ts'

const STRIDES = [8, 16, 32] as const

/**
 * YOLOv8 and its successors with the same head (YOLOv9, YOLO11), exported without NMS: one transposed output
 * [1, 4 + classes, cells]. Rows are centre x, centre y, width, height in input pixels, then class scores after the sigmoid.
 */
export const yolov8: Family = {
  name: 'yolov8',
  needsNms: true,

  recognise(graph) {
    const [output] = graph.outputs
    if (graph.outputs.length !== 1 || output?.shape.length !== 3) return no('wants one output of three axes')
    const task = graph.metadata.task
    if (task !== undefined && task !== 'detect')
      return no(`the file says that its task is "${task}", not "detect"`)
    const [, rows, cells] = output.shape
    if (typeof rows !== 'number' || rows < 5) return no('wants 5 or more rows')
    const size = inputSize(graph)
    if (!size) {
      return typeof cells === 'string'
        ? yes(`one output ${shapeText(output)} of open length with box and ${rows - 4} class scores in rows`)
        : no('the input size is open but the number of cells is not')
    }
    const expected = gridCells(size, STRIDES)
    return cells === expected
      ? yes(`one transposed output ${shapeText(output)}: ${expected} cells over ${size.width}x${size.height}`)
      : no(`wants ${expected} columns for an input of ${size.width}x${size.height}`)
  },

  classCount(graph) {
    const rows = graph.outputs[0]?.shape[1]
    return typeof rows === 'number' ? rows - 4 : null
  },

  defaults: () => ({
    input: { order: 'RGB', range: '0-1', ...NO_SHIFT, resize: letterbox('centred', 114) },
    size: { width: 640, height: 640 },
    thresholds: { score: 0.25, nmsIou: 0.45 },
  }),

  decode: decodeTransposed,
}

function decodeTransposed(outputs: Outputs, context: DecodeContext): readonly RawBox[] {
  const name = context.outputNames[0] ?? ''
  const { dims, data } = floatOutput(outputs, name, 3)
  const [, rows = 0, cells = 0] = dims
  if (rows < 5)
    throw invalidOutput(`the output "${name}" has ${rows} rows, expected 4 of the box and one a class`)
  // Class by class, as the values lie in memory: one pass instead of a jump for each value.
  const bestScore = new Float32Array(cells).fill(Number.NEGATIVE_INFINITY)
  const bestClass = new Int32Array(cells)
  for (let classId = 0; classId < rows - 4; classId++) {
    const offset = (4 + classId) * cells
    for (let i = 0; i < cells; i++) {
      const score = data[offset + i] as number
      if (score > (bestScore[i] as number)) {
        bestScore[i] = score
        bestClass[i] = classId
      }
    }
  }
  const boxes: RawBox[] = []
  for (let i = 0; i < cells; i++) {
    const score = bestScore[i] as number
    if (score < context.minScore) continue
    const x = data[i] as number
    const y = data[cells + i] as number
    const halfWidth = (data[2 * cells + i] as number) / 2
    const halfHeight = (data[3 * cells + i] as number) / 2
    boxes.push({
      classId: bestClass[i] as number,
      score,
      left: x - halfWidth,
      top: y - halfHeight,
      right: x + halfWidth,
      bottom: y + halfHeight,
    })
  }
  return boxes
}
