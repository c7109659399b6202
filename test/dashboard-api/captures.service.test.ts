import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Json } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert, picture } from './matters.ts'

let city: TestDashboard
let operator: Browser
beforeAll(async () => {
  city = await startDashboard()
  operator = await city.as('operator')
})
afterAll(() => city[Symbol.asyncDispose]())

const byHand = { type: 'litter', place: '人民路 3 号', note: '市民来电：路边有垃圾' }

test('a live still is kept, shown to who took it, and added to a case filed by hand with its own time', async () => {
  expect((await operator.post('/api/cameras/works-chimney/captures', {})).status).toBe(503)
  city.live.picture = await picture(64, 36)
  const kept = await operator.post('/api/cameras/works-chimney/captures', { purpose: '核实' })
  expect(kept.status).toBe(201)
  const { ticket, capturedAt, sha256 } = (await kept.json()) as Json
  expect(capturedAt).toBe('2026-11-24T08:00:00.000Z')
  const shown = await operator.get(`/api/captures/${ticket}`)
  expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
  expect(Buffer.from(await shown.arrayBuffer())).toEqual(Buffer.from(city.live.picture))

  const { no } = (await (
    await operator.post('/api/cases', { ...byHand, camera: 'works-chimney' })
  ).json()) as Json
  const added = await operator.post(`/api/cases/${no}/captures`, { ticket })
  expect(added.status).toBe(201)
  const detail = await operator.json(`/api/cases/${no}`)
  expect(detail.attachments).toMatchObject([
    { name: 'works-chimney-20261124T080000Z.jpg', sha256, by: 'operator' },
  ])
  const { rows } = await city.database.query<{ captured_at: Date }>(
    "select captured_at from evidence where owner_kind = 'case' and owner_id = $1",
    [no],
  )
  expect(rows[0]?.captured_at.toISOString()).toBe(capturedAt)
  const looks = await city.database.query(
    "select who, what, purpose, reason from looks where object = 'camera:works-chimney'",
  )
  expect(looks.rows).toEqual([
    { who: 'operator', what: 'still', purpose: '核实', reason: 'kept as evidence' },
  ])
})

test('a ticket that was changed, or is another’s, names nothing', async () => {
  city.live.picture = await picture(64, 36)
  const { ticket } = (await (await operator.post('/api/cameras/works-chimney/captures', {})).json()) as Json
  const [body = '', signature = ''] = ticket.split('.')
  const facts = JSON.parse(Buffer.from(body, 'base64url').toString())
  const forged = Buffer.from(JSON.stringify({ ...facts, camera: 'kitchen' })).toString('base64url')
  for (const wrong of [`${forged}.${signature}`, body, `${body}.`, `${ticket}x`, 'x.y.z']) {
    expect((await operator.get(`/api/captures/${wrong}`)).status, wrong).toBe(404)
  }
  expect((await (await city.as('officer')).get(`/api/captures/${ticket}`)).status).toBe(403)
  const { no } = (await (await operator.post('/api/cases', byHand)).json()) as Json
  expect((await operator.post(`/api/cases/${no}/captures`, { ticket: body })).status).toBe(404)
  expect((await operator.post('/api/cases/2026-999999/captures', { ticket })).status).toBe(404)
})

test('around an alert: its states, the same place, and nothing of others’ cases for an officer', async () => {
  const id = await insertAlert(city.database)
  const other = await insertAlert(city.database)
  const around = await operator.json(`/api/alerts/${id}/around`)
  expect(around.samePlace.map((alert: { id: string }) => alert.id)).toContain(other)
  expect(around.clipFrom).toBeNull()
  await operator.post('/api/cases', { alertId: id })
  const officer = await city.as('officer')
  const seen = await officer.json(`/api/alerts/${id}/around`)
  expect(seen.samePlace.map((alert: { id: string }) => alert.id)).not.toContain(other)
  expect((await (await city.as('market.officer')).get(`/api/alerts/${id}/around`)).status).toBe(404)
})
