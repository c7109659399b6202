import type { Family, RawBox } from './family.ts'
import { expectLength, floatOutput, letterbox, NO_SHIFT, no, shapeText, yes } from './tensor.ts'

/** More rows than any end-to-end head gives; grids have thousands. */
const MOST_ROWS = 1_000

/**
 * YOLOv10 end to end, also YOLOv8 exported with `nms=True`: one output [1, n, 6], rows left, top, right, bottom in input
 * pixels, score, class. Each thing is said once.
 */
export const yolov10: Family = {
  name: 'yolov10',
  needsNms: false,

  recognise(graph) {
    const [output] = graph.outputs
    if (graph.outputs.length !== 1 || output?.shape.length !== 3) return no('wants one output of three axes')
    const [, rows, columns] = output.shape
    if (columns !== 6) return no('wants 6 columns: left, top, right, bottom, score, class')
    if (typeof rows === 'number' && rows > MOST_ROWS) return no(`wants at most ${MOST_ROWS} rows`)
    return yes(`one output ${shapeText(output)}: finished boxes with score and class`)
  },

  classCount: () => null,

  defaults: () => ({
    input: { order: 'RGB', range: '0-1', ...NO_SHIFT, resize: letterbox('centred', 114) },
    size: { width: 640, height: 640 },
    thresholds: { score: 0.25, nmsIou: 0.45 },
  }),

  decode(outputs, context) {
    const name = context.outputNames[0] ?? ''
    const { dims, data } = floatOutput(outputs, name, 3)
    expectLength(name, 'columns', dims[2], 6)
    const boxes: RawBox[] = []
    for (let at = 0; at < data.length; at += 6) {
      const score = data[at + 4] as number
      if (score < context.minScore) continue
      boxes.push({
        classId: Math.round(data[at + 5] as number),
        score,
        left: data[at] as number,
        top: data[at + 1] as number,
        right: data[at + 2] as number,
        bottom: data[at + 3] as number,
      })
    }
    return boxes
  },
}
