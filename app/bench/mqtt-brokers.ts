import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { connect as connectSocket, createServer } from 'node:net'
import { join } from 'node:path'
import { connect, connectAsync, type MqttClient } from 'mqtt'
import { SharpEyesError } from '../../core/errors.ts'
import type { Tools } from '../tools.ts'
import { startChild } from './child.ts'

/** Where Debian's package puts it; null: there is none on this machine. */
export const mosquittoProgram = (): string | null =>
  ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'].find(existsSync) ??
  null

/** A mosquitto of the bench's own, which keeps everything it is given. */
export async function startBenchMosquitto(program: string, folder: string, tools: Tools): Promise<string> {
  const port = await freePort()
  const file = join(folder, 'mosquitto.conf')
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'max_queued_messages 0',
    'persistence true',
    `persistence_location ${folder}/`,
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    'log_dest stderr',
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  const child = startChild('mosquitto', program, ['-c', file], { stack: tools.stack })
  while (!(await answers(port))) {
    if (child.ended)
      throw new SharpEyesError('internal', `${program} ended before it listened on port ${port}`)
    await tools.clock.sleep(20, tools.signal)
  }
  return `mqtt://127.0.0.1:${port}`
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connectSocket(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || !address) throw new Error('no free port on this machine')
  return address.port
}

/** Publishes many messages at once and waits for all answers. */
export interface BenchDevice {
  publish(count: number, messageOf: (n: number) => readonly [topic: string, payload: string]): Promise<void>
  end(): Promise<void>
}

export async function benchDevice(url: string): Promise<BenchDevice> {
  const client = await connectAsync(url, { protocolVersion: 4 })
  client.on('error', () => undefined) // when the bench is stopped its brokers end first
  return {
    async publish(count, messageOf) {
      const said = Array.from({ length: count }, (_, n) => {
        const [topic, payload] = messageOf(n)
        return client.publishAsync(topic, payload, { qos: 1 })
      })
      await Promise.all(said)
    },
    end: () => client.endAsync(),
  }
}

/** The least that a subscriber can do: mqtt.js as it comes, which acknowledges before anything is stored. */
export interface BareSubscriber {
  /** Resolves when `count` messages have come since it began. */
  heard(count: number): Promise<void>
  end(): Promise<void>
}

export async function bareSubscriber(
  url: string,
  version: '3.1.1' | '5',
  clientId: string,
  filter: string,
): Promise<BareSubscriber> {
  let heard = 0
  let wanted: { count: number; reached: () => void } | null = null
  const client: MqttClient = connect(url, {
    ...{ clientId, clean: false, protocolVersion: version === '5' ? 5 : 4, manualConnect: true },
    ...(version === '5' ? { properties: { sessionExpiryInterval: 3_600 } } : {}),
  })
  client.on('error', () => undefined) // as above
  client.on('message', () => {
    heard += 1
    if (wanted && heard >= wanted.count) wanted.reached()
  })
  const connected = new Promise<void>((resolve) => client.once('connect', () => resolve()))
  client.connect()
  await connected
  await client.subscribeAsync(filter, { qos: 1 })
  return {
    heard: (count) =>
      new Promise((resolve) => {
        wanted = { count, reached: resolve }
        if (heard >= count) resolve()
      }),
    end: () => client.endAsync(),
  }
}
