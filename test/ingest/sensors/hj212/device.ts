import { once } from 'node:events'
import { connect } from 'node:net'
import { encodeFrame, encodeSegment } from '../../../../ingest/sensors/hj212/encode.ts'
import { createFramer } from '../../../../ingest/sensors/hj212/framer.ts'
import { waitUntil } from '../../../support/wait-until.ts'

export interface Device {
  /** Resolves when the bytes are with the kernel. */
  send(bytes: Buffer | string): Promise<void>
  /** Data segments of the frames that came back. */
  readonly answers: readonly string[]
  readonly closed: boolean
  /** Resolves when as many answers have come. */
  answered(count: number): Promise<void>
  /** Closes its own side only. */
  end(): void
  destroy(): void
}

/** A device that connects over TCP; disposed at the end of the test. */
export async function openDevice(port: number): Promise<Device & Disposable> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  socket.on('error', () => {}) // a reset is `closed`
  const answers: string[] = []
  const framer = createFramer()
  socket.on('data', (chunk: Buffer) => {
    framer.feed(chunk)
    for (let next = framer.next(); next; next = framer.next())
      answers.push(next.kind === 'frame' ? next.segment.toString() : next.why)
  })
  let closed = false
  socket.once('end', () => {
    closed = true
  })
  socket.once('close', () => {
    closed = true
  })
  await once(socket, 'connect')
  return {
    send: (bytes) => new Promise((resolve) => socket.write(bytes, () => resolve())),
    answers,
    get closed() {
      return closed
    },
    answered: (count) => waitUntil(`${count} answers`, () => answers.length >= count),
    end: () => socket.end(),
    destroy: () => socket.destroy(),
    [Symbol.dispose]: () => void socket.destroy(),
  }
}

export interface PacketOptions {
  readonly mn?: string
  readonly cn?: string
  readonly flag?: number | null
  readonly password?: string
  readonly part?: { readonly count: number; readonly no: number } | null
  readonly time?: string | null
  readonly fields?: Readonly<Record<string, string | number>>
}

export const MN = '010000A8900016F000169DC0'

/** A data packet as a station sends it; its QN is `n`. */
export function packet(n: number, options: PacketOptions = {}): string {
  const { mn = MN, cn = '2011', flag = 5, password = '123456', part = null } = options
  const { time = '20260101080000', fields = { 'a34004-Rtd': n, 'a34004-Flag': 'N' } } = options
  return encodeSegment({
    ...{ qn: String(n).padStart(17, '0'), st: '22', cn, password, mn, flag, part },
    fields: Object.entries({ ...(time === null ? {} : { DataTime: time }), ...fields }).map(
      ([key, value]) => ({
        key,
        value: String(value),
      }),
    ),
  })
}
export const frame = (n: number, options: PacketOptions = {}): Buffer => encodeFrame(packet(n, options))
/** The data answer to packet `n`. */
export const answerTo = (n: number, { mn = MN, cn = '9014', flag = 4 } = {}): string =>
  `QN=${String(n).padStart(17, '0')};ST=91;CN=${cn};PW=123456;MN=${mn};Flag=${flag};CP=&&&&`
