import type { SharpEyesError } from '../../core/errors.ts'
import { modelInvalid } from '../../core/model-fault.ts'
import type { Graph, InputSpec, Outputs, Recognition, Resize, TensorShape } from './family.ts'

export const yes = (why: string): Recognition => ({ yes: true, why })
export const no = (why: string): Recognition => ({ yes: false, why })

/** `output0 [1,84,8400]`, as messages show a tensor. */
export const shapeText = (tensor: { readonly name: string; readonly shape: readonly unknown[] }): string =>
  `${tensor.name} [${tensor.shape.join(',')}]`

export const shapesText = (tensors: readonly TensorShape[]): string => tensors.map(shapeText).join(', ')

/** Width and height of the picture input, where the graph fixes them. */
export function inputSize(graph: Graph): { width: number; height: number } | null {
  const shape = pictureInput(graph)?.shape
  const [height, width] = [shape?.[2], shape?.[3]]
  return typeof width === 'number' && typeof height === 'number' ? { width, height } : null
}

/** The input that takes the picture: the first one of four axes. */
export const pictureInput = (graph: Graph): TensorShape | undefined =>
  graph.inputs.find((input) => input.shape.length === 4)

/** Cells of the grids of `strides` over an input of this size. */
export function gridCells(size: { width: number; height: number }, strides: readonly number[]): number {
  return strides.reduce((sum, s) => sum + Math.ceil(size.width / s) * Math.ceil(size.height / s), 0)
}

/** A float output with as many axes as `rank`, the first of length 1. Throws `model_invalid` otherwise. */
export function floatOutput(
  outputs: Outputs,
  name: string,
  rank: number,
): { dims: readonly number[]; data: Float32Array } {
  const tensor = outputs[name]
  if (!tensor) {
    throw invalidOutput(
      `the output "${name}" is missing; the model gave ${Object.keys(outputs).join(', ') || 'nothing'}`,
    )
  }
  const { dims, data } = tensor
  if (!(data instanceof Float32Array) || dims.length !== rank) {
    throw invalidOutput(`the output "${name}" is [${dims.join(',')}], expected ${rank} axes of float32`)
  }
  return { dims, data }
}

export function expectLength(name: string, what: string, actual: number | undefined, expected: number): void {
  if (actual === expected) return
  throw invalidOutput(`the output "${name}" has ${actual ?? 'no'} ${what}, expected ${expected}`)
}

export const invalidOutput = (message: string): SharpEyesError => modelInvalid('family', message)

export const NO_SHIFT = { mean: [0, 0, 0], std: [1, 1, 1] } as const satisfies Pick<InputSpec, 'mean' | 'std'>

export const letterbox = (place: 'top-left' | 'centred', pad: number): Resize => ({
  kind: 'letterbox',
  place,
  pad,
})
export const STRETCH: Resize = { kind: 'stretch' }

/** Softmax-free index of the largest of `count` values from `offset`, `step` apart. */
export function largest(data: Float32Array, offset: number, count: number): { index: number; value: number } {
  let index = 0
  let value = data[offset] ?? Number.NEGATIVE_INFINITY
  for (let i = 1; i < count; i++) {
    const v = data[offset + i] as number
    if (v > value) {
      value = v
      index = i
    }
  }
  return { index, value }
}
