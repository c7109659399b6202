import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert } from './matters.ts'

/** Every route and role: rights-sweep.service.test.ts. Here what the sweep does not ask for. */
let city: TestDashboard
let alertId: string
let caseNo: string
beforeAll(async () => {
  city = await startDashboard()
  alertId = await insertAlert(city.database)
  const operator = await city.as('operator')
  const filed = await operator.post('/api/cases', { alertId })
  caseNo = ((await filed.json()) as Json).no
})
afterAll(() => city[Symbol.asyncDispose]())

test("another department's matters do not exist for an officer", async () => {
  const other = await city.as('market.officer')
  const own = await city.as('officer')
  const paths = [
    `/api/cases/${caseNo}`,
    `/api/cases/${caseNo}/attachments/${randomUUID()}`,
    `/api/alerts/${alertId}`,
    `/api/alerts/${alertId}/still.jpg`,
    `/api/alerts/${alertId}/clip.mp4`,
    '/api/cameras/works-chimney',
    '/api/cameras/works-chimney/live.jpg',
  ]
  for (const path of paths) {
    const answer = await other.get(path)
    expect(answer.status, path).toBe(404)
    expect(await answer.text(), path).not.toMatch(/学府路|三号烟囱/)
  }
  expect((await other.post(`/api/cases/${caseNo}/commands`, { kind: 'accept', version: 99 })).status).toBe(
    404,
  )
  const form = new FormData()
  form.append('file', new Blob(['x']), 'x.jpg')
  expect((await other.post(`/api/cases/${caseNo}/attachments`, form)).status).toBe(404)
  expect((await other.json('/api/cases')).items).toEqual([])
  expect((await other.json('/api/alerts')).items).toEqual([])
  expect((await other.json('/api/cameras')).items).toEqual([])

  expect((await own.json(`/api/cases/${caseNo}`)).no).toBe(caseNo)
  expect((await own.json(`/api/alerts/${alertId}`)).caseNo).toBe(caseNo)
  expect((await own.json('/api/alerts')).items).toHaveLength(1)
  expect((await own.json('/api/cameras')).items.map((camera: Json) => camera.id)).toEqual(['works-chimney'])
})

test('a department that was told at once opens the alert that its message links to', async () => {
  const told = await insertAlert(city.database)
  const officer = await city.as('market.officer')
  expect((await officer.get(`/api/alerts/${told}`)).status).toBe(404)
  await city.database.query(
    `insert into notifications (id, message_id, group_kind, group_id, step, department, channel, recipient, state, payload)
     values ($1, $2, 'alert', $3, 'at_once', 'market', 'webhook', 'https://market.example', 'sent', '{}')`,
    [randomUUID(), `msg_${told}`, told],
  )
  expect((await officer.json(`/api/alerts/${told}`)).id).toBe(told)
  expect((await officer.json('/api/alerts')).items.map((item: Json) => item.id)).toEqual([told])
  expect((await officer.post(`/api/alerts/${told}/verdict`, { verdict: 'confirmed' })).status).toBe(403)
})

test('health and metrics are for this machine, and a call that a proxy handed on is not of it', async () => {
  for (const path of ['/api/health', '/metrics']) {
    expect((await fetch(`${city.url}${path}`)).status).toBe(200)
    const forwarded = { 'X-Forwarded-For': '8.8.8.8' }
    expect((await fetch(`${city.url}${path}`, { headers: forwarded })).status).toBe(401)
  }
  city.ready = false
  const starting = await city.browser().get('/api/health')
  expect(starting.status).toBe(503)
  expect(await starting.json()).toMatchObject({ status: 'starting' })
  city.ready = true
})
