/** One field of a protobuf message: a number for varints, a view (no copy) for everything of a length. */
export interface Field {
  readonly number: number
  readonly varint: number
  readonly bytes: Uint8Array
}

const NOTHING = new Uint8Array(0)
const decoder = new TextDecoder()

export const text = (field: Field | undefined): string => (field ? decoder.decode(field.bytes) : '')

/**
 * Walks the fields of one message without a schema: enough of the wire format (protobuf.dev/programming-guides/encoding)
 * to read a handful of fields out of a large file. Throws on anything that is not protobuf.
 */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  let at = 0
  const varint = (): number => {
    let value = 0
    let factor = 1
    for (let i = 0; i < 10; i++) {
      const byte = message[at++]
      if (byte === undefined) throw new Error(`it ends inside a number at byte ${at}`)
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 128
    }
    throw new Error(`a number at byte ${at} is too long`)
  }
  const take = (length: number): Uint8Array => {
    if (at + length > message.length) throw new Error(`it ends ${at + length - message.length} bytes early`)
    at += length
    return message.subarray(at - length, at)
  }
  while (at < message.length) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    if (number === 0) throw new Error(`field number 0 at byte ${at}`)
    switch (tag % 8) {
      case 0:
        yield { number, varint: varint(), bytes: NOTHING }
        break
      case 1:
        yield { number, varint: 0, bytes: take(8) }
        break
      case 2:
        yield { number, varint: 0, bytes: take(varint()) }
        break
      case 5: {
        const bytes = take(4)
        yield { number, varint: view.getUint32(at - 4, true), bytes }
        break
      }
      default:
        throw new Error(`unknown kind of field at byte ${at}`)
    }
  }
}
