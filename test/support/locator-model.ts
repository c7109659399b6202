import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { echoManifest, onnxBytes } from './onnx.ts'

/** Pixels of a side of its input. */
const SIDE = 192
const ROWS = (SIDE / 8) ** 2 + (SIDE / 16) ** 2 + (SIDE / 32) ** 2

/** Where `locatorModel` says the thing is: the middle of what is white, with the height and width that it was made for. */
export interface Thing {
  readonly width: number
  readonly middle: number
  readonly height: number
}

/**
 * Writes a real network that finds the white thing of a numbered film (`thing`) and says `fire`: the first row's x is the
 * mean column of everything white in the lower half, found by sums over the pixels; its other numbers are fixed.
 */
export async function locatorModelFile(folder: string, { width, middle, height }: Thing): Promise<string> {
  const one = (place: number, value: number): Float32Array =>
    Float32Array.from({ length: ROWS * 6 }, (_, n) => (n === place ? value : 0))
  const fixed = Float32Array.from({ length: ROWS * 6 }, (_, n) => {
    const first = [0, (middle * SIDE) / 8, Math.log((width * SIDE) / 8), Math.log((height * SIDE) / 8), 0, 1]
    // A network whose scores are all alike is refused at its loading: those of the other rows differ a little, near 0.
    const other = [0, 0, 0, 0, (0.05 * Math.floor(n / 6)) / ROWS, 1]
    return first[n] ?? other[n % 6] ?? 0
  })
  const columns = Float32Array.from({ length: SIDE }, (_, x) => x + 0.5)
  const number = (name: string, value: number) => ({ name, shape: [1], values: Float32Array.of(value) })
  const whole = (name: string, ...values: readonly number[]) => ({
    ...{ name, shape: [values.length], values: BigInt64Array.from(values.map(BigInt)) },
  })
  const bytes = onnxBytes({
    inputs: [{ name: 'images', shape: [1, 3, SIDE, SIDE] }],
    outputs: [{ name: 'output', shape: [1, ROWS, 6] }],
    nodes: [
      { operator: 'Slice', inputs: ['images', 'from', 'to', 'axes'], outputs: ['lower'] },
      { operator: 'Sub', inputs: ['lower', 'grey'], outputs: ['above'] },
      { operator: 'Relu', inputs: ['above'], outputs: ['white'] },
      { operator: 'Mul', inputs: ['white', 'columns'], outputs: ['weighted'] },
      { operator: 'ReduceSum', inputs: ['weighted'], outputs: ['moment'] },
      { operator: 'ReduceSum', inputs: ['white'], outputs: ['mass'] },
      { operator: 'Add', inputs: ['mass', 'tiny'], outputs: ['some'] },
      { operator: 'Div', inputs: ['moment', 'some'], outputs: ['column'] },
      { operator: 'Min', inputs: ['mass', 'sure'], outputs: ['score'] },
      { operator: 'Mul', inputs: ['column', 'x'], outputs: ['placed'] },
      { operator: 'Mul', inputs: ['score', 'objectness'], outputs: ['scored'] },
      { operator: 'Add', inputs: ['placed', 'scored'], outputs: ['moving'] },
      { operator: 'Add', inputs: ['moving', 'fixed'], outputs: ['row'] },
      { operator: 'Reshape', inputs: ['row', 'rows'], outputs: ['output'] },
    ],
    tensors: [
      whole('from', 0, SIDE / 2),
      whole('to', 1, SIDE),
      whole('axes', 1, 2),
      whole('rows', 1, ROWS, 6),
      ...[number('grey', 0.85), number('tiny', 1e-6), number('sure', 0.9)],
      { name: 'columns', shape: [1, 1, 1, SIDE], values: columns },
      { name: 'x', shape: [1, ROWS, 6], values: one(0, 1 / 8) },
      { name: 'objectness', shape: [1, ROWS, 6], values: one(4, 1) },
      { name: 'fixed', shape: [1, ROWS, 6], values: fixed },
    ],
  })
  const file = join(folder, 'locator.onnx')
  await writeFile(file, bytes)
  const manifest = echoManifest(createHash('sha256').update(bytes).digest('hex'), {
    ...{ id: 'locator', file: 'locator.onnx', labels: ['fire'] },
    input: { width: SIDE, height: SIDE, order: 'RGB', range: '0-1', resize: { kind: 'stretch' } },
  })
  await writeFile(join(folder, 'locator.json'), JSON.stringify(manifest))
  return file
}
