import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { channelTrialShape, routeTrialShape } from '../../core/api/routing.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
let city: TestDashboard
let receiver: WebhookReceiver
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'routing-'))
  await writeFile(join(folder, 'secret'), SECRET)
  receiver = await startWebhookReceiver(SECRET)
  city = await startDashboard()
  const admin = await city.as('admin')
  const channel = (url: string) => ({ kind: 'webhook', url, secretFile: join(folder, 'secret') })
  const body = {
    id: 'water',
    name: { zh: '水务局', en: 'Water bureau' },
    channels: [channel(receiver.url), channel('http://127.0.0.1:9/hook?key=geheim')],
  }
  expect(
    (await admin.post('/api/config/department/water', { version: null, body, reason: 'x' })).status,
  ).toBe(200)
  const route = {
    when: { type: ['waterlogging'] },
    lead: 'water',
    assist: ['market'],
    accept: '1h',
    handle: '1d',
  }
  expect(
    (await admin.post('/api/config/route/water', { version: null, body: route, reason: 'x' })).status,
  ).toBe(200)
})
afterAll(async () => {
  await city[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

test('a trial says where a matter would go, whom it would tell and by when, and files nothing', async () => {
  const operator = await city.as('operator')
  const ask = async (body: object) =>
    routeTrialShape.parse(await (await operator.post('/api/routes/trial', body)).json())
  const at = '2026-11-25T02:00:00Z'
  const water = await ask({ type: 'waterlogging', severity: 2, at })
  expect(water.route).toMatchObject({ id: 'water', notify: 'on_filing' })
  expect(water.departments).toMatchObject([
    { id: 'water', part: 'lead', reachable: true },
    { id: 'market', part: 'assist', reachable: false },
  ])
  expect(water.clocks).toEqual({
    time: 'calendar',
    acceptBy: '2026-11-25T03:00:00.000Z',
    handleBy: '2026-11-26T02:00:00.000Z',
    checkBy: '2026-11-26T02:00:00.000Z',
  })
  // The camera gives the purpose; severity 1 is told at once.
  const kitchen = await ask({ type: 'fire', severity: 1, camera: 'kitchen' })
  expect(kitchen.route?.notify).toBe('at_once')
  expect(kitchen.departments.map(({ id }) => id)).toEqual(['market'])
  expect((await ask({ type: 'fire', severity: 3 })).departments.map(({ id }) => id)).toEqual(['ecology'])
  expect((await operator.json('/api/cases')).items).toEqual([])
  expect((await operator.post('/api/routes/trial', { type: 'nothing', severity: 1 })).status).toBe(422)
})

test('a channel is tried for real: its own answer, the failure in plain words, and not twice at once', async () => {
  const admin = await city.as('admin')
  const ask = (place: number) => admin.post(`/api/departments/water/channels/${place}/test`, {})
  const good = channelTrialShape.parse(await (await ask(1)).json())
  expect(good.items).toMatchObject([{ recipient: 'water/1', delivered: true, error: null }])
  expect(receiver.received.map(({ payload }) => payload.type)).toEqual(['channel.test'])
  const again = await ask(1)
  expect(again.status).toBe(429)
  const bad = await ask(2)
  const text = await bad.text()
  expect(channelTrialShape.parse(JSON.parse(text)).items).toMatchObject([{ delivered: false }])
  expect(text).not.toContain('geheim')
  expect((await ask(3)).status).toBe(404)
  expect((await (await city.as('operator')).post('/api/departments/water/channels/1/test', {})).status).toBe(
    403,
  )
  const { rows } = await city.database.query(
    "select payload ->> 'actor' as actor from changes where topic = 'config' and payload ->> 'change' = 'tested'",
  )
  expect(rows).toEqual([{ actor: 'admin' }, { actor: 'admin' }])
})
