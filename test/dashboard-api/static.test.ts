import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import express from 'express'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStatic } from '../../dashboard-api/static.ts'

const SCRIPT = `export const words = ${JSON.stringify('锐眼 '.repeat(500))}`
let folder: string
const server = createServer()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-static-'))
  await mkdir(join(folder, 'assets'))
  const write = (name: string, bytes: string | Buffer) => writeFile(join(folder, name), bytes)
  await write('index.html', '<title>Sharp Eyes</title>')
  await write('assets/app-1.js', SCRIPT)
  await write('assets/app-1.js.br', brotliCompressSync(SCRIPT))
  await write('assets/app-1.js.gz', gzipSync(SCRIPT))
  await write('assets/plain-1.js', SCRIPT)
  server.on('request', express().use(createStatic(folder)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true })
})

/** As it comes over the wire: `fetch` would unpack it. */
async function ask(path: string, encodings?: string): Promise<{ answer: IncomingMessage; bytes: Buffer }> {
  const { port } = server.address() as AddressInfo
  const headers = encodings === undefined ? {} : { 'Accept-Encoding': encodings }
  const request = get({ port, host: '127.0.0.1', path, headers, agent: false })
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  return { answer, bytes: await buffer(answer) }
}

test.each([
  ['gzip, deflate, br', 'br', brotliDecompressSync],
  ['gzip, deflate', 'gzip', gunzipSync],
  ['br;q=0, gzip', 'gzip', gunzipSync],
] as const)('a browser that takes "%s" gets %s', async (encodings, encoding, unpack) => {
  const { answer, bytes } = await ask('/assets/app-1.js', encodings)
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['content-encoding']).toBe(encoding)
  expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8')
  expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect(answer.headers.vary).toBe('Accept-Encoding')
  expect(bytes.byteLength).toBeLessThan(200)
  expect(unpack(bytes).toString()).toBe(SCRIPT)
})

test.each([
  ['/assets/app-1.js', undefined],
  ['/assets/app-1.js', 'identity'],
  ['/assets/plain-1.js', 'gzip, br'],
])('%s for "%s" comes as it is', async (path, encodings) => {
  const { answer, bytes } = await ask(path, encodings)
  expect(answer.headers['content-encoding']).toBeUndefined()
  // A cache in between must not give the plain one to others, nor the packed one to this one.
  expect(answer.headers.vary).toBe('Accept-Encoding')
  expect(bytes.toString()).toBe(SCRIPT)
})

test('what is not there is not found', async () => {
  expect((await ask('/assets/gone-1.js', 'gzip, br')).answer.statusCode).toBe(404)
})
