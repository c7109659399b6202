import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import mqtt from 'mqtt'
import { encodeFrame } from '../../../ingest/sensors/hj212/encode.ts'
import { type AnsweredLine, writeLedger } from './ledger.ts'

const ANSWER_MS = 3_000
const PAUSE_MS = 250
/** Readings of a device are a second apart by its own clock, however fast it sends: each has a time of its own. */
const STEP_MS = 1_000

/** `YYYYMMDDhhmmss` in China, as devices write it. */
const chinaTime = (at: number): string =>
  new Date(at + 8 * 3_600_000).toISOString().replaceAll(/[-T:]/g, '').slice(0, 14)

/** A device that speaks HJ 212: sends a packet again and again until it is answered, over a new connection if need be. */
export async function runHj212Device(
  options: { readonly mn: string; readonly port: number; readonly from: number; readonly ledger: string },
  signal: AbortSignal,
): Promise<void> {
  const { mn, port, ledger } = options
  let socket: Socket | null = null
  for (let at = options.from; !signal.aborted; at += STEP_MS) {
    const time = chinaTime(at)
    const frame = encodeFrame(
      `QN=${time}000;ST=22;CN=2011;PW=123456;MN=${mn};Flag=5;CP=&&DataTime=${time};a34004-Rtd=35.2,a34004-Flag=N&&`,
    )
    for (let answered = false; !answered && !signal.aborted; ) {
      socket ??= await open(port)
      answered = socket !== null && (await ask(socket, frame, `QN=${time}000`))
      if (answered) break
      socket?.destroy()
      socket = null
      await delay(PAUSE_MS)
    }
    if (!signal.aborted) writeLedger(ledger, { device: mn, at } satisfies AnsweredLine)
    await delay(PAUSE_MS)
  }
  socket?.destroy()
}

const open = (port: number): Promise<Socket | null> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', () => resolve(null)) // also later: then `close` says it to whoever asks
    socket.setTimeout(ANSWER_MS, () => resolve(null))
  })

function ask(socket: Socket, frame: Buffer, qn: string): Promise<boolean> {
  return new Promise((resolve) => {
    let heard = ''
    const done = (answer: boolean) => {
      clearTimeout(timer)
      socket.off('data', onData)
      socket.off('close', onClose)
      resolve(answer)
    }
    const onData = (chunk: Buffer) => {
      heard += chunk.toString('latin1')
      if (heard.includes(qn) && heard.includes('CN=9014')) done(true)
    }
    const onClose = () => done(false)
    const timer = setTimeout(() => done(false), ANSWER_MS)
    socket.on('data', onData)
    socket.on('close', onClose)
    socket.write(frame)
  })
}

/** A sensor that publishes over MQTT with QoS 1; what the broker has acknowledged is in its ledger. */
export async function runMqttDevice(
  options: { readonly id: string; readonly url: string; readonly from: number; readonly ledger: string },
  signal: AbortSignal,
): Promise<void> {
  const { id, url, ledger } = options
  const client = mqtt.connect(url, { clientId: `device-${id}`, clean: false, reconnectPeriod: 300 })
  client.on('error', () => undefined) // it connects again
  for (let at = options.from; !signal.aborted; at += STEP_MS) {
    const payload = JSON.stringify({ value: 35.2, time: new Date(at).toISOString() })
    client.publish(`sensors/${id}`, payload, { qos: 1 }, (error) => {
      // Time of the acknowledgement: what a broker that is killed had not saved yet is its own loss.
      if (!error) writeLedger(ledger, { device: id, at, acknowledgedAt: Date.now() })
    })
    await delay(PAUSE_MS)
  }
  await client.endAsync(true)
}
