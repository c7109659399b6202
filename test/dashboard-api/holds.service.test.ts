import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { holdsShape } from '../../core/api/holds.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { listHolds } from '../../dashboard-api/holds/read.ts'
import type { Browser, Json } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert } from './matters.ts'

let city: TestDashboard
let investigator: Browser
let auditor: Browser
let alertId = ''
let no = ''
beforeAll(async () => {
  city = await startDashboard()
  investigator = await city.as('investigator')
  auditor = await city.as('auditor')
  alertId = await insertAlert(city.database)
  const filed = await (await city.as('operator')).post('/api/cases', { alertId })
  no = ((await filed.json()) as Json).no
})
afterAll(() => city[Symbol.asyncDispose]())

const release = (path: string, reason: string): Promise<Response> =>
  auditor.fetch(path, {
    method: 'DELETE',
    headers: { 'X-Sharp-Eyes': '1', 'Content-Type': 'application/json' },
    body: JSON.stringify({ reason }),
  })

test('a case is held and released over HTTP; everybody who sees the case sees it, in its list, page and log', async () => {
  const answer = await investigator.post(`/api/cases/${no}/holds`, { reason: ' 法院调取 ' })
  expect(answer.status).toBe(201)
  const { id, gone } = (await answer.json()) as Json
  expect(gone).toBe(0)
  const officer = await city.as('officer')
  expect((await officer.json('/api/cases')).items).toMatchObject([{ no, held: true }])
  const detail = await officer.json(`/api/cases/${no}`)
  expect(detail).toMatchObject({
    held: true,
    holds: [{ id, by: 'investigator', reason: '法院调取', releasedAt: null, releasedBy: null }],
  })
  expect(detail.log.at(-1)).toMatchObject({ kind: 'hold', actor: 'investigator', role: 'investigator' })

  const path = `/api/cases/${no}/holds/${id}`
  expect((await release(path, ' ')).status).toBe(422)
  expect((await release(path, '已判决')).status).toBe(204)
  expect(((await (await release(path, '已判决')).json()) as Json).code).toBe('state_conflict')
  expect(await auditor.json(`/api/cases/${no}`)).toMatchObject({
    held: false,
    holds: [{ releasedBy: 'auditor', releaseReason: '已判决' }],
  })
})

test('an alert is held and released, and its changes say so', async () => {
  const answer = await investigator.post(`/api/alerts/${alertId}/holds`, { reason: '复核' })
  const { id } = (await answer.json()) as Json
  expect(await auditor.json(`/api/alerts/${alertId}`)).toMatchObject({ holds: [{ id, releasedAt: null }] })
  expect((await release(`/api/cases/${no}/holds/${id}`, '他人的')).status).toBe(404)
  expect((await release(`/api/alerts/${alertId}/holds/${id}`, '完成')).status).toBe(204)
  const { rows } = await city.database.query<Json>(
    "select payload ->> 'kind' as kind, payload ->> 'actor' as actor from changes where key = $1 order by id desc limit 2",
    [alertId],
  )
  expect(rows).toEqual([
    { kind: 'hold_released', actor: 'auditor' },
    { kind: 'held', actor: 'investigator' },
  ])
})

test('a hold wants a reason, and something that is there', async () => {
  expect((await investigator.post(`/api/cases/${no}/holds`, { reason: 'x' })).status).toBe(422)
  expect((await investigator.post('/api/cases/2020-000001/holds', { reason: 'court' })).status).toBe(404)
})

test('the list says what is held by its name: type, place and time', async () => {
  const at = new Date('2026-11-20T02:41:07.000Z')
  const held = await insertAlert(city.database, { openedAt: at, camera: 'kitchen', type: 'no_hat' })
  await city.database.query(`update alerts set place = '{"address": "学府路 1 号"}' where id = $1`, [held])
  // A sensor and a camera of the same id: each is named as what it is.
  const admin = await city.as('admin')
  const named = (zh: string) => ({ id: 'pm-017', name: { zh, en: zh } })
  const bodies = {
    sensor: { ...named('十七号站'), factor: 'a34004', unit: 'ug/m3', source: 'mqtt', topic: 'sensors/pm' },
    camera: { ...named('十七号机'), purpose: 'kitchen', url: 'rtsp://10.0.0.3/1' },
  }
  for (const [kind, body] of Object.entries(bodies)) {
    const saved = { version: null, body, reason: '新装' }
    expect((await admin.post(`/api/config/${kind}/pm-017`, saved)).status).toBe(200)
  }
  const ofCamera = await insertAlert(city.database, { camera: 'pm-017' })
  const ofSensor = await insertAlert(city.database, { camera: 'pm-017', type: 'exceedance' })
  await city.database.query("update alerts set source_kind = 'sensor' where id = $1", [ofSensor])
  const recording = randomUUID()
  await city.database.query(
    `insert into kept_recordings (id, camera, from_at, to_at, reason, kept_by)
     values ($1, 'kitchen', $2, $3, '存证', 'operator')`,
    [recording, at, new Date(at.getTime() + 60_000)],
  )
  const alerts = [held, ofSensor, ofCamera].map((id) => `alerts/${id}`)
  for (const path of [...alerts, `cases/${no}`, `recordings/${recording}`])
    expect((await investigator.post(`/api/${path}/holds`, { reason: '法院调取' })).status).toBe(201)
  const { items } = holdsShape.parse(await auditor.json('/api/holds'))
  const owner = (id: string) => items.find((item) => item.owner.id === id)?.owner
  const camera = { camera: 'kitchen', cameraName: { zh: '后厨' }, from: at.toISOString() }
  expect(owner(held)).toMatchObject({ type: 'no_hat', address: '学府路 1 号', to: null, ...camera })
  expect(owner(recording)).toMatchObject({ type: null, to: '2026-11-20T02:42:07.000Z', ...camera })
  expect(owner(ofSensor)).toMatchObject({ type: 'exceedance', camera: 'pm-017' })
  expect(owner(ofSensor)?.cameraName).toEqual({ zh: '十七号站', en: '十七号站' })
  expect(owner(ofCamera)?.cameraName).toEqual({ zh: '十七号机', en: '十七号机' })
  expect(owner(no)).toMatchObject({ kind: 'case', type: 'plume', camera: 'works-chimney' })
})

test('the list of holds is read in the order of its index, without sorting all of them', async () => {
  await city.database.transaction(async (tx) => {
    let asked = ''
    const listening: Queryable = {
      query(text: string, values?: readonly unknown[]) {
        asked = text
        return tx.query(text, values as never)
      },
    } as never
    await listHolds(listening, { camera: () => null, sensor: () => null })
    // With the few rows of a test the planner would sort.
    await tx.query('set local enable_seqscan = off')
    await tx.query('set local enable_bitmapscan = off')
    const { rows } = await tx.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${asked}`)
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(plan).toMatch(/Limit\n\s*->\s*Index Scan using holds_in_order on holds/)
  })
})
