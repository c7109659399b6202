import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** RTSP/TCP servers that misbehave as real cameras do. */
export interface TrickServer extends AsyncDisposable {
  url(path: string): string
  /** Connections so far, and now. */
  readonly accepted: number
  readonly open: number
}

/** Passes everything to a real server, but takes the parameter sets out of its SDP, as some cameras never send them. */
export function withoutParameterSets(port: number): Promise<TrickServer> {
  return listen((client) => {
    const server = connect(port, '127.0.0.1')
    client.pipe(server)
    server.on('data', (chunk: Buffer) => client.write(stripParameterSets(chunk)))
    server.on('close', () => client.destroy())
    server.on('error', () => client.destroy()) // the real server is gone: so are we
    client.on('close', () => server.destroy())
  })
}

/** Answers every request with one status, for example `453 Not Enough Bandwidth`. */
export function answering(status: string): Promise<TrickServer> {
  return listen((client) => {
    client.on('data', (chunk: Buffer) => {
      const sequence = /CSeq: *(\d+)/i.exec(chunk.toString('latin1'))?.[1] ?? '0'
      client.write(`RTSP/1.0 ${status}\r\nCSeq: ${sequence}\r\n\r\n`)
    })
  })
}

/** The SDP comes in one piece on loopback; its length is kept by padding, so that no header has to be changed. */
function stripParameterSets(chunk: Buffer): Buffer {
  const text = chunk.toString('latin1')
  if (!text.startsWith('RTSP/1.0 200') || !text.includes('sprop-')) return chunk
  const stripped = text.replace(/;?sprop-[a-z-]+=[^;\r\n]*/g, (found) => ';x='.padEnd(found.length, 'x'))
  return Buffer.from(stripped, 'latin1')
}

async function listen(onClient: (client: Socket) => void): Promise<TrickServer> {
  const clients = new Set<Socket>()
  let accepted = 0
  const server: Server = createServer((client) => {
    accepted++
    clients.add(client)
    client.on('close', () => clients.delete(client))
    client.on('error', () => client.destroy()) // clients that are killed reset the connection
    onClient(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: (path) => `rtsp://127.0.0.1:${port}${path}`,
    get accepted() {
      return accepted
    },
    get open() {
      return clients.size
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
