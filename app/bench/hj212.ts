import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SharpEyesError } from '../../core/errors.ts'
import type { ReadingSink } from '../../core/ports/messages.ts'
import { createCityTime } from '../../ingest/sensors/hj212/city-time.ts'
import { crcHj, readCrc } from '../../ingest/sensors/hj212/crc.ts'
import { createFramer } from '../../ingest/sensors/hj212/framer.ts'
import { dataTimeOf } from '../../ingest/sensors/hj212/packets.ts'
import { readReadings } from '../../ingest/sensors/hj212/readings.ts'
import { decodeSegment } from '../../ingest/sensors/hj212/segment.ts'
import { startHj212Server } from '../../ingest/sensors/hj212/server.ts'
import { receiveData } from '../../ingest/sensors/hj212/verdict.ts'
import type { Tools } from '../tools.ts'
import { startChild } from './child.ts'
import { benchFolder } from './folder.ts'
import { benchFrame, benchMn } from './hj212-mix.ts'
import { type BenchReport, type Figure, figure } from './report.ts'

export interface Hj212BenchOptions {
  /** Decoded in a run. */
  readonly packets: number
  /** Devices that hold a connection each and send a packet a second. */
  readonly connections: number
  readonly runs: number
}

const TIMEZONE = 'Asia/Shanghai'
/** Different packets; a run takes them over and over. */
const DISTINCT = 5_000
/** What a device's packets come in over Ethernet: most of them are cut by an end of a chunk. */
const CHUNK_BYTES = 1_460
const SETTLE_SECONDS = 3
const SECONDS = 10

/** HJ 212: what decoding costs beside the least that has to be done, and many devices on one receiver. */
export async function benchHj212(options: Hj212BenchOptions, tools: Tools): Promise<BenchReport> {
  const { packets, connections, runs } = options
  // First, while the process is small: its memory is one of the figures.
  const held = await holdConnections(connections, tools)
  const stream = Buffer.concat(
    Array.from({ length: Math.min(DISTINCT, packets) }, (_, n) => benchFrame(n, benchMn(n), false)),
  )
  const perStream = bareLoop(stream)
  const rounds = Math.max(1, Math.round(packets / perStream))
  const rates = {
    bare: [] as number[],
    readings: [] as number[],
    messages: [] as number[],
    ratio: [] as number[],
  }
  /** Packets a second of processor time, its garbage collection included: neighbours slow it down, they do not fake it. */
  const rate = (work: (stream: Buffer) => number): number => {
    tools.signal.throwIfAborted()
    const before = process.cpuUsage()
    for (let round = 0; round < rounds; round += 1)
      if (work(stream) !== perStream)
        throw new SharpEyesError('internal', 'a side lost packets: the figures would mean nothing')
    const { user, system } = process.cpuUsage(before)
    return ((rounds * perStream) / (user + system)) * 1_000_000
  }
  rate(toReadings) // compiles
  for (let run = 0; run < runs; run += 1) {
    const bare = rate(bareLoop)
    const readings = rate(toReadings)
    rates.bare.push(bare)
    rates.readings.push(readings)
    rates.messages.push(rate(toMessages))
    rates.ratio.push(bare / readings)
  }
  return {
    bench: 'hj212',
    about: [
      `decoding: ${rounds * perStream} packets a run (${Math.round(stream.length / perStream)} bytes and ${countReadings(stream)} readings a packet on average), all generations, chunks of ${CHUNK_BYTES} bytes; a second is one of processor time`,
      `connections: ${connections} devices in a process beside, a packet a second each for ${SECONDS} s, readings written to a file with fdatasync, then answered`,
    ],
    figures: [
      figure('bytes → packets → readings', 'packets/s', rates.readings, '≥ 20000'),
      figure('bytes → packets → messages with their ids', 'packets/s', rates.messages),
      figure('bare loop over the same bytes: find ##, checksum', 'packets/s', rates.bare),
      figure('processor time of decoding ÷ that of the bare loop', '×', rates.ratio),
      ...held.figures,
    ],
    warnings: held.warnings,
  }
}

/** The least that anybody has to do: the head of each frame and its checksum. Returns the number of frames. */
function bareLoop(stream: Buffer): number {
  let frames = 0
  for (let at = stream.indexOf('##'); at >= 0; at = stream.indexOf('##', at)) {
    const length = Number(stream.toString('latin1', at + 2, at + 6))
    const end = at + 6 + length
    if (crcHj(stream, at + 6, end) === readCrc(stream, end)) frames += 1
    at = end + 4
  }
  return frames
}

function decode(
  stream: Buffer,
  each: (packet: Exclude<ReturnType<typeof decodeSegment>, string>) => void,
): void {
  const framer = createFramer()
  for (let from = 0; from < stream.length; from += CHUNK_BYTES) {
    framer.feed(stream.subarray(from, from + CHUNK_BYTES))
    for (let next = framer.next(); next; next = framer.next()) {
      if (next.kind !== 'frame') continue
      const packet = decodeSegment(next.segment.toString('utf8'))
      if (typeof packet !== 'string') each(packet)
    }
  }
}

const cityTime = createCityTime(TIMEZONE)

function toReadings(stream: Buffer): number {
  let packets = 0
  decode(stream, (packet) => {
    if (readReadings({ packet, dataTime: dataTimeOf(packet) }, cityTime)) packets += 1
  })
  return packets
}

function toMessages(stream: Buffer): number {
  let packets = 0
  const by = { cityTime, receivedAt: Date.now(), worker: 'bench' }
  decode(stream, (packet) => {
    const data = receiveData({ packet, dataTime: dataTimeOf(packet) }, 'hj', by)
    if ('messages' in data && data.messages.length > 0) packets += 1
  })
  return packets
}

function countReadings(stream: Buffer): string {
  let packets = 0
  let readings = 0
  decode(stream, (packet) => {
    packets += 1
    readings += readReadings({ packet, dataTime: dataTimeOf(packet) }, cityTime)?.readings.length ?? 0
  })
  return (readings / packets).toFixed(1)
}

interface DevicesSaid {
  readonly sent: number
  readonly answers: number
  readonly p50: number
  readonly p95: number
  readonly seconds: number
}

async function holdConnections(
  connections: number,
  tools: Tools,
): Promise<{ figures: readonly Figure[]; warnings: readonly string[] }> {
  const { clock, log, metrics, stack, signal } = tools
  const devices = new Map(
    Array.from({ length: connections }, (_, n) => [benchMn(n), { crc: 'hj', password: null } as const]),
  )
  const server = await startHj212Server({
    ...{ listen: '127.0.0.1', port: 0, timezone: TIMEZONE, worker: 'bench', devices: () => devices },
    sink: await fileSink(tools),
    limits: { connections },
    ...{ clock, log, metrics },
  })
  stack.push('the receiver of the bench', server.stop)
  const before = process.memoryUsage.rss()
  const child = startChild(
    'the devices',
    process.execPath,
    [
      fileURLToPath(import.meta.resolve('./hj212-devices.ts')),
      ...[server.port, connections, SETTLE_SECONDS, SECONDS].map(String),
    ],
    { stack },
  )
  const said = child.line(/^\{.*\}$/)
  // Heard of where it is waited for; without this a child that ends early would be an unhandled rejection.
  said.catch(() => {})
  await child.line(/^connected$/)
  await clock.sleep((SETTLE_SECONDS * 1_000) / 2, signal)
  const holding = process.memoryUsage.rss()
  const held = server.facts().connections
  await clock.sleep((SETTLE_SECONDS * 1_000) / 2, signal)
  const cpuBefore = process.cpuUsage()
  const devicesSaid = JSON.parse((await said)[0]) as DevicesSaid
  const cpu = process.cpuUsage(cpuBefore)
  const after = process.memoryUsage.rss()
  const { stored } = server.facts()
  await child.stop()
  await server.stop()
  const { sent, answers, p50, p95, seconds } = devicesSaid
  const one = (what: string, unit: string, value: number) => figure(what, unit, [value])
  const mib = (bytes: number) => bytes / 2 ** 20
  return {
    figures: [
      figure('connections held', 'connections', [held], `≥ ${connections}`),
      one('packets sent', 'packets/s', sent / seconds),
      one('packets stored', 'packets/s', stored / seconds),
      one('answers that came back', 'packets/s', answers / seconds),
      one('packet → stored → answer, p50', 'ms', p50),
      one('packet → stored → answer, p95', 'ms', p95),
      one('processor time of the receiver', 'µs/packet', (cpu.user + cpu.system) / Math.max(1, stored)),
      one('memory (RSS) before the first connection', 'MiB', mib(before)),
      one('memory more with all connected, nothing sent', 'MiB', mib(holding - before)),
      one('memory more after the load', 'MiB', mib(after - before)),
    ],
    warnings: answers < sent ? [`${sent - answers} of ${sent} packets got no answer`] : [],
  }
}

/** Durable as a worker's spool is: one line a message, one fdatasync a batch. */
async function fileSink(tools: Tools): Promise<ReadingSink> {
  const file = await open(join(await benchFolder(tools), 'readings'), 'a')
  tools.stack.push('the file of the bench', () => file.close())
  return {
    async append(messages) {
      await file.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''))
      await file.datasync()
    },
  }
}
