import type { DecodeContext, Family, Graph, Outputs, RawBox } from './family.ts'
import {
  expectLength,
  floatOutput,
  gridCells,
  inputSize,
  largest,
  letterbox,
  NO_SHIFT,
  no,
  shapeText,
  yes,
} from './tensor.ts'

/** Pixels a cell of each grid, in the order of the output's rows (Megvii-BaseDetection/YOLOX, `export_onnx.py`). */
const STRIDES = [8, 16, 32] as const

/**
 * YOLOX, exported without `--decode_in_inference`: one output [1, cells, 5 + classes]. A row is x, y, w, h relative to
 * its grid cell, then objectness and class scores (both after the sigmoid); score = objectness × class.
 */
export const yolox: Family = {
  name: 'yolox',
  needsNms: true,

  recognise(graph) {
    const [output] = graph.outputs
    if (graph.outputs.length !== 1 || output?.shape.length !== 3) return no('wants one output of three axes')
    const [, cells, columns] = output.shape
    if (typeof columns !== 'number' || columns < 6) return no('wants 6 or more columns a row')
    const size = inputSize(graph)
    if (!size) {
      return typeof cells === 'string' && columns > 6
        ? yes(
            `one output ${shapeText(output)} of open length with box, objectness and ${columns - 5} class scores`,
          )
        : no('the input size is open and the rows cannot be told from those of other families')
    }
    const expected = gridCells(size, STRIDES)
    return cells === expected
      ? yes(
          `one output ${shapeText(output)}: ${expected} cells of strides 8, 16, 32 over ${size.width}x${size.height}`,
        )
      : no(`wants ${expected} rows for an input of ${size.width}x${size.height}`)
  },

  classCount: (graph) => columnsOf(graph),

  defaults: () => ({
    input: { order: 'BGR', range: '0-255', ...NO_SHIFT, resize: letterbox('top-left', 114) },
    size: { width: 416, height: 416 },
    thresholds: { score: 0.3, nmsIou: 0.45 },
  }),

  decode: decodeGrid,
}

function columnsOf(graph: Graph): number | null {
  const columns = graph.outputs[0]?.shape[2]
  return typeof columns === 'number' ? columns - 5 : null
}

function decodeGrid(outputs: Outputs, context: DecodeContext): readonly RawBox[] {
  const name = context.outputNames[0] ?? ''
  const { dims, data } = floatOutput(outputs, name, 3)
  expectLength(name, 'rows', dims[1], gridCells(context, STRIDES))
  const columns = dims[2] as number
  const classes = columns - 5
  const boxes: RawBox[] = []
  let row = 0
  for (const stride of STRIDES) {
    const gridWidth = Math.ceil(context.width / stride)
    const gridHeight = Math.ceil(context.height / stride)
    for (let gy = 0; gy < gridHeight; gy++) {
      for (let gx = 0; gx < gridWidth; gx++, row += columns) {
        // A class score is at most 1: most cells are settled by their objectness alone.
        const objectness = data[row + 4] as number
        if (objectness < context.minScore) continue
        const best = largest(data, row + 5, classes)
        const score = objectness * best.value
        if (score < context.minScore) continue
        const x = ((data[row] as number) + gx) * stride
        const y = ((data[row + 1] as number) + gy) * stride
        const halfWidth = (Math.exp(data[row + 2] as number) * stride) / 2
        const halfHeight = (Math.exp(data[row + 3] as number) * stride) / 2
        boxes.push({
          classId: best.index,
          score,
          left: x - halfWidth,
          top: y - halfHeight,
          right: x + halfWidth,
          bottom: y + halfHeight,
        })
      }
    }
  }
  return boxes
}
