import type { Family, RawBox } from './family.ts'
import { expectLength, invalidOutput, NO_SHIFT, no, STRETCH, yes } from './tensor.ts'

const SIZE_INPUT = 'orig_target_sizes'
const OUTPUTS = ['labels', 'boxes', 'scores'] as const

/**
 * DETR end to end (RT-DETR, D-FINE, DEIM): a second input says the picture's size, the outputs are labels int64 [n],
 * corner boxes [n, 4] in pixels of that size, and scores [n] (or each with a leading batch axis).
 */
export const detr: Family = {
  name: 'detr',
  needsNms: false,

  recognise(graph) {
    const hasSize = graph.inputs.some((input) => input.name === SIZE_INPUT)
    const missing = OUTPUTS.filter((name) => !graph.outputs.some((output) => output.name === name))
    if (!hasSize) return no(`wants a second input "${SIZE_INPUT}"`)
    return missing.length === 0
      ? yes(`input "${SIZE_INPUT}" and outputs labels, boxes, scores`)
      : no(`lacks the outputs ${missing.join(', ')}`)
  },

  classCount: () => null,

  defaults: () => ({
    input: { order: 'RGB', range: '0-1', ...NO_SHIFT, resize: STRETCH },
    size: { width: 640, height: 640 },
    thresholds: { score: 0.4, nmsIou: 0.7 },
  }),

  scoreOutputs: () => ['scores'],

  // The size of the model's own input is told as the picture's, so that boxes come in input pixels as in every family.
  extraInputs: ({ width, height }) => ({
    [SIZE_INPUT]: { dims: [1, 2], data: BigInt64Array.of(BigInt(width), BigInt(height)) },
  }),

  decode(outputs, context) {
    const [labels, corners, scores] = OUTPUTS.map((name) => outputs[name]?.data)
    if (
      !(labels instanceof BigInt64Array) ||
      !(corners instanceof Float32Array) ||
      !(scores instanceof Float32Array)
    ) {
      throw invalidOutput(
        'the outputs labels (int64), boxes (float32) and scores (float32) are not all there',
      )
    }
    expectLength('boxes', 'values', corners.length, scores.length * 4)
    expectLength('labels', 'values', labels.length, scores.length)
    const boxes: RawBox[] = []
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i] as number
      if (score < context.minScore) continue
      const at = i * 4
      boxes.push({
        classId: Number(labels[i]),
        score,
        left: corners[at] as number,
        top: corners[at + 1] as number,
        right: corners[at + 2] as number,
        bottom: corners[at + 3] as number,
      })
    }
    return boxes
  },
}
