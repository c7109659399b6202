import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Request } from 'express'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { requestLimit } from '../../dashboard-api/auth/limits.ts'

let server: Server | undefined
afterEach(() => server?.close())

const serve = async (session: unknown) => {
  const app = express()
  app.use((request, _response, next) => {
    Object.assign(request as Request, session)
    next()
  })
  app.use(requestLimit(systemClock), (_request, response) => void response.sendStatus(204))
  server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test('a stranger may ask 600 times a minute', async () => {
  const url = await serve({})
  const answers = []
  for (let i = 0; i < 601; i++) answers.push(await fetch(url))
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(600)
  const refused = answers.at(-1)
  expect(refused?.status).toBe(429)
  expect(refused?.headers.get('content-type')).toMatch(/problem\+json/)
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refused?.json()).toMatchObject({ code: 'too_many_requests' })
})

test('who is logged in works through a flood with several tabs open: 3,000', async () => {
  const url = await serve({ session: { login: {} }, sessionID: 'one' })
  for (let i = 0; i < 601; i++) await fetch(url)
  const answer = await fetch(url)
  expect(answer.status).toBe(204)
  expect(answer.headers.get('ratelimit-policy')).toContain('q=3000')
})
