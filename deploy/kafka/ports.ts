import { createConnection, createServer } from 'node:net'

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  if (typeof address !== 'object' || address === null) throw new Error('a listening server has an address')
  return address.port
}

/** Whether somebody listens on this port of loopback already. */
export async function portTaken(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1')
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  }).finally(() => socket.destroy()) as Promise<boolean>
}

// ApiVersions (key 18), version 0, correlation id 1, no client id: the first request of every client.
const QUESTION = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff])

/** Whether the broker answers requests. It takes connections before it does, and those just wait. */
export async function brokerAnswers(port: number, withinMs: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1')
  socket.setTimeout(withinMs)
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => socket.write(QUESTION))
    socket.once('data', () => resolve(true))
    socket.once('timeout', () => resolve(false))
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  }).finally(() => socket.destroy())
}
