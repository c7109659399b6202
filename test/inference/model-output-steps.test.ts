import { describe, expect, test } from 'vitest'
import { type OnnxFacts, readOnnx } from '../../inference/model/onnx-file.ts'
import { onnxBytes } from '../support/onnx.ts'

const FINE = 1 / 256
const COARSE = 2.5

/** A graph that ends with two int8 tensors and what `nodes` make of them; its only output is `out`. */
function stepsOf(nodes: readonly [operator: string, inputs: readonly string[], output: string][]) {
  const scale = (name: string, step: number) => ({ name, shape: [], values: Float32Array.of(step) })
  const bytes = onnxBytes({
    inputs: [{ name: 'picture', shape: [1] }],
    outputs: [{ name: 'out', shape: [1] }],
    tensors: [scale('fine', FINE), scale('coarse', COARSE), scale('half', 0.5)],
    nodes: [
      { operator: 'DequantizeLinear', inputs: ['whole', 'fine'], outputs: ['scores'] },
      { operator: 'DequantizeLinear', inputs: ['whole', 'coarse'], outputs: ['boxes'] },
      ...nodes.map(([operator, inputs, output]) => ({ operator, inputs, outputs: [output] })),
    ],
  })
  const { outputSteps }: Pick<OnnxFacts, 'outputSteps'> = readOnnx(bytes)
  return outputSteps.out
}

describe('the steps of an output', () => {
  test.each([
    ['its own', [['DequantizeLinear', ['whole', 'half'], 'out']], [0.5]],
    [
      'moved about',
      [
        ['Transpose', ['scores'], 'turned'],
        ['Reshape', ['turned', 'shape'], 'out'],
      ],
      [FINE],
    ],
    ['joined of tensors alike', [['Concat', ['scores', 'scores'], 'out']], [FINE]],
    ['joined of tensors that differ', [['Concat', ['boxes', 'scores'], 'out']], [COARSE, FINE]],
  ] as const)('are known: %s', (_, nodes, steps) => {
    expect(stepsOf(nodes.map(([operator, inputs, output]) => [operator, [...inputs], output]))).toEqual(steps)
  })

  test.each([
    ['computed with', [['Sigmoid', ['scores'], 'out']]],
    ['joined with what is not quantised', [['Concat', ['scores', 'picture'], 'out']]],
    ['of a scale that is no constant', [['DequantizeLinear', ['whole', 'picture'], 'out']]],
    [
      'in a circle',
      [
        ['Identity', ['other'], 'out'],
        ['Identity', ['out'], 'other'],
      ],
    ],
  ] as const)('are not known: %s', (_, nodes) => {
    expect(
      stepsOf(nodes.map(([operator, inputs, output]) => [operator, [...inputs], output])),
    ).toBeUndefined()
  })
})
