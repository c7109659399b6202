import { createServer, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Aedes, type AedesOptions } from 'aedes'
import { SharpEyesError } from '../core/errors.ts'
import type { Log } from '../core/ports/telemetry.ts'
import { createPacketLimit } from './mqtt-packet-limit.ts'
import { createRetainedLimit } from './mqtt-retained.ts'
import { answerAfterStoring } from './mqtt-stored.ts'

export interface MqttBroker {
  /** Where the worker in this process reaches it. */
  readonly url: string
  /** MQTT clients that are connected, the worker included. */
  readonly clients: number
  stop(): Promise<void>
}

export interface MqttBrokerDeps {
  /** Address to listen on; devices of other machines need more than the default 127.0.0.1. */
  readonly listen?: string
  /** 0: any free one. */
  readonly port: number
  readonly log: Log
  /** Client id of the worker that stores readings: devices are answered after it has them. */
  readonly keeper: string
  /** Whether a device may come in; absent: all may. The worker comes with what it was told, like any other. */
  readonly authenticate?: (username: string | null, password: string | null) => boolean | Promise<boolean>
  /** Connections at once. */
  readonly maxClients?: number
  /** Bytes of one packet. */
  readonly maxPacketBytes?: number
}

const MAX_CLIENTS = 2_000
const MAX_PACKET_BYTES = 2 << 20

/**
 * The embedded broker (MQTT 3.1.1), for a site without one of its own: its sessions live in memory, and that is enough,
 * because a device is answered only after the worker has stored its message.
 */
export async function startMqttBroker(deps: MqttBrokerDeps): Promise<MqttBroker> {
  const { listen = '127.0.0.1', log, authenticate } = deps
  const storing = answerAfterStoring(deps.keeper)
  const retained = createRetainedLimit()
  const options: AedesOptions = {
    ...storing.hooks,
    authorizePublish(client, packet, callback) {
      const fault = retained.refuses(packet)
      if (fault) callback(new Error(fault))
      else storing.hooks.authorizePublish(client, packet, callback)
    },
    preConnect(client, packet, callback) {
      if (packet.clientId === deps.keeper) return callback(null, isLocal(client))
      // A session of somebody who never returns would grow in our memory for ever: only the worker has one.
      packet.clean = true
      callback(null, true)
    },
  }
  if (authenticate)
    options.authenticate = (_client, username, password, done) => {
      Promise.resolve(authenticate(username ?? null, password?.toString('utf8') ?? null)).then(
        (allowed) => done(null, allowed),
        (error) => {
          log.error({ error: String(error) }, 'a device could not be authenticated')
          done(null, false)
        },
      )
    }
  const broker = await Aedes.createBroker(options)
  storing.attach(broker)
  broker.on('clientError', (client, error) =>
    log.debug({ client: client.id, error: error.message }, 'a device was cut off'),
  )
  broker.on('connectionError', (_client, error) =>
    log.debug({ error: error.message }, 'a connection was no MQTT client'),
  )

  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.setNoDelay(true)
    limitPackets(socket, deps.maxPacketBytes ?? MAX_PACKET_BYTES, log)
    broker.handle(socket)
  })
  server.maxConnections = deps.maxClients ?? MAX_CLIENTS
  server.on('drop', () =>
    log.warn({ maxClients: server.maxConnections }, 'a device was turned away: too many'),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(refused(error, listen, deps.port)))
    server.listen(deps.port, listen, resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : deps.port
  const host = listen === '0.0.0.0' || listen === '::' ? '127.0.0.1' : listen
  log.info({ listen, port }, 'the embedded MQTT broker listens')
  return {
    url: `mqtt://${host.includes(':') ? `[${host}]` : host}:${port}`,
    get clients() {
      return broker.connectedClients
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await new Promise<void>((resolve) => broker.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** The worker is in this process: whoever comes with its name from elsewhere would answer for it. */
const isLocal = ({ conn }: { readonly conn: Duplex }): boolean =>
  conn instanceof Socket && /^(::ffff:)?127\.|^::1$/.test(conn.remoteAddress ?? '')

/** aedes reads with `read`, and collects a packet as long as it comes: what is too long is cut off at its header. */
function limitPackets(socket: Socket, maxBytes: number, log: Log): void {
  const limit = createPacketLimit(maxBytes)
  const read = socket.read.bind(socket)
  socket.read = (size?: number) => {
    const chunk: Buffer | null = read(size)
    if (!chunk || limit.allows(chunk)) return chunk
    log.warn({ from: socket.remoteAddress, maxBytes }, 'a device was cut off: its packet is too large')
    socket.destroy()
    return null
  }
}

function refused(error: NodeJS.ErrnoException, listen: string, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error
  return new SharpEyesError(
    'port_taken',
    `port ${port} on ${listen} is taken: another MQTT broker runs there. Name it in MQTT_URL, or choose another port`,
  )
}
