import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { freePort } from '../../adapters/postgres/embedded.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { waitUntil } from '../support/wait-until.ts'

const MAIN = resolve(import.meta.dirname, '../../app/main.ts')
const LIMIT = 240_000
/** It has half a minute; on a busy machine everything takes longer. */
const ENDS_MS = 120_000

/** A way to the database that can freeze: connections stay open, new ones are taken, and nothing passes any more. */
async function freezableWay(to: { readonly host: string; readonly port: number }) {
  const sockets = new Set<Socket>()
  let frozen = false
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
  }
  const server = createServer((near) => {
    keep(near)
    if (frozen) return
    const far = connect(to)
    keep(far)
    near.pipe(far).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    freeze() {
      frozen = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The role in a process of its own, its database behind a way that can freeze. */
async function startRole(role: string) {
  const database = await createTestDatabase()
  const folder = await tempFolder()
  const url = new URL(database.url)
  const way = await freezableWay({ host: url.hostname, port: Number(url.port) })
  url.port = String(way.port)
  const port = await freePort()
  const args = [MAIN, role, '--port', String(port), '--data', join(folder.path, 'site')]
  const env = { ...process.env, DATABASE_URL: url.href, KAFKA_BROKERS: '' }
  const child = spawn(process.execPath, args, { env, stdio: 'ignore' })
  const exited = once(child, 'exit')
  return {
    child,
    way,
    /** Status of its health; null: it does not listen yet. */
    health: () =>
      fetch(`http://127.0.0.1:${port}/api/health`).then(
        async (response) => {
          await response.body?.cancel()
          return response.status
        },
        () => null,
      ),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
      await way[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

async function until(status: number, role: Awaited<ReturnType<typeof startRole>>): Promise<void> {
  while ((await role.health()) !== status) {
    expect(role.child.exitCode, 'the role ended before').toBeNull()
    await delay(100)
  }
}

describe.for(['alerts', 'api'])('the role %s ends when it is told to while its database hangs', (name) => {
  test.concurrent(
    'after it has started',
    async () => {
      await using role = await startRole(name)
      await until(200, role)
      role.way.freeze()
      role.child.kill('SIGTERM')
      await waitUntil('the role has ended', () => role.child.exitCode !== null, ENDS_MS)
      expect(role.child.exitCode).toBe(0)
    },
    LIMIT,
  )

  test.concurrent(
    'while it starts',
    async () => {
      await using role = await startRole(name)
      role.way.freeze()
      await until(503, role)
      role.child.kill('SIGTERM')
      await waitUntil('the role has ended', () => role.child.exitCode !== null, ENDS_MS)
    },
    LIMIT,
  )
})
