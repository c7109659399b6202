import type { DecodeContext, Family, Outputs, RawBox } from './family.ts'
import { expectLength, floatOutput, letterbox, NO_SHIFT, no, yes } from './tensor.ts'

const STRIDES = [8, 16, 32] as const

/**
 * YuNet of the OpenCV Zoo, a face detector that serves pixelation only: for each stride cls, obj (after the sigmoid) and
 * bbox. score = √(cls × obj). The landmark outputs (kps) are never read: nobody is identified here.
 */
export const yunet: Family = {
  name: 'yunet',
  needsNms: true,

  recognise(graph) {
    const names = new Set(graph.outputs.map((output) => output.name))
    const missing = STRIDES.flatMap((s) => [`cls_${s}`, `obj_${s}`, `bbox_${s}`]).filter(
      (name) => !names.has(name),
    )
    return missing.length === 0
      ? yes('outputs cls, obj and bbox of strides 8, 16, 32')
      : no(`lacks the outputs ${missing.join(', ')}`)
  },

  classCount: () => 1,

  defaults: () => ({
    input: { order: 'BGR', range: '0-255', ...NO_SHIFT, resize: letterbox('top-left', 0) },
    size: { width: 640, height: 640 },
    thresholds: { score: 0.6, nmsIou: 0.3 },
    labels: ['face'],
  }),

  scoreOutputs: () => STRIDES.flatMap((s) => [`cls_${s}`, `obj_${s}`]),

  decode: decodeStrides,
}

function decodeStrides(outputs: Outputs, context: DecodeContext): readonly RawBox[] {
  const boxes: RawBox[] = []
  for (const stride of STRIDES) {
    const classes = floatOutput(outputs, `cls_${stride}`, 3).data
    const objectness = floatOutput(outputs, `obj_${stride}`, 3).data
    const sides = floatOutput(outputs, `bbox_${stride}`, 3).data
    const gridWidth = Math.ceil(context.width / stride)
    const cells = gridWidth * Math.ceil(context.height / stride)
    expectLength(`cls_${stride}`, 'rows', classes.length, cells)
    expectLength(`obj_${stride}`, 'rows', objectness.length, cells)
    expectLength(`bbox_${stride}`, 'values', sides.length, cells * 4)
    for (let cell = 0; cell < cells; cell++) {
      const score = Math.sqrt(Math.max(0, (classes[cell] as number) * (objectness[cell] as number)))
      if (score < context.minScore) continue
      const x = ((cell % gridWidth) + (sides[cell * 4] as number)) * stride
      const y = (Math.floor(cell / gridWidth) + (sides[cell * 4 + 1] as number)) * stride
      const halfWidth = (Math.exp(sides[cell * 4 + 2] as number) * stride) / 2
      const halfHeight = (Math.exp(sides[cell * 4 + 3] as number) * stride) / 2
      boxes.push({
        classId: 0,
        score,
        left: x - halfWidth,
        top: y - halfHeight,
        right: x + halfWidth,
        bottom: y + halfHeight,
      })
    }
  }
  return boxes
}
