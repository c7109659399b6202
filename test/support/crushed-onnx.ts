import { message, node, string, tensor } from './onnx.ts'

const GRAPH = 7
const OUTPUT = 12

/**
 * A copy of a real ONNX file of one output whose last act is a quantisation in steps of `step`, as an int8 export leaves it when boxes
 * and scores share one scale: the numbers of an honest file, rounded to multiples of the step.
 */
export function crushed(file: Uint8Array, step: number): Uint8Array {
  return rewrite(file, (number, field) => {
    if (number !== GRAPH) return field
    let output = ''
    const graph = rewrite(bodyOf(field), (part, bytes) => {
      if (part !== OUTPUT) return bytes
      output = nameOf(bodyOf(bytes))
      const type = rewrite(bodyOf(bytes), (inner, raw) =>
        inner === 1 ? string(1, `${output}_rounded`) : raw,
      )
      return message(OUTPUT, type)
    })
    return message(
      GRAPH,
      graph,
      node({ operator: 'QuantizeLinear', inputs: [output, 'shared_scale'], outputs: ['whole'] }),
      node({
        operator: 'DequantizeLinear',
        inputs: ['whole', 'shared_scale'],
        outputs: [`${output}_rounded`],
      }),
      tensor({ name: 'shared_scale', shape: [], values: Float32Array.of(step) }),
    )
  })
}

/** Each field of a message with its tag, changed or as it is. */
function rewrite(bytes: Uint8Array, change: (number: number, field: Uint8Array) => Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    const from = at
    const tag = read()
    const kind = tag % 8
    if (kind === 0) read()
    else if (kind === 1) at += 8
    else if (kind === 2) {
      const length = read()
      at += length
    } else if (kind === 5) at += 4
    else throw new Error(`field of kind ${kind} at byte ${from}`)
    parts.push(change(Math.floor(tag / 8), bytes.subarray(from, at)))
  }
  return Buffer.concat(parts)

  function read(): number {
    let [value, factor] = [0, 1]
    for (;;) {
      const byte = bytes[at++] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 128
    }
  }
}

/** The content of a field of a length, without its tag. */
function bodyOf(field: Uint8Array): Uint8Array {
  let at = 1 // field numbers below 16 are a tag of one byte
  while ((field[at] ?? 0) >= 0x80) at += 1
  return field.subarray(at + 1)
}

function nameOf(value: Uint8Array): string {
  let name = ''
  rewrite(value, (number, bytes) => {
    if (number === 1) name = Buffer.from(bodyOf(bytes)).toString()
    return bytes
  })
  return name
}
