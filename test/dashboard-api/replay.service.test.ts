import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import type { HazardEvent } from '../../core/event.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import type { Browser, Json } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'

const MINUTE = 60_000
let city: TestDashboard
let operator: Browser
let investigator: Browser
/** Ten minutes ago the hazard began. */
const began = Date.now() - 10 * MINUTE
let alertId = ''
let caseNo = ''

async function receive(
  event: HazardEvent,
  kinds: readonly ('start' | 'update' | 'end')[],
  seq = 1,
  after = 0,
): Promise<void> {
  const inbox = createInbox({
    database: city.database,
    clock: manualClock(Date.now()),
    log: silentLog,
    metrics: recordingMetrics(),
  })
  const refused = await inbox.receive(
    kinds.map((kind, index) => hazardMessage(event, { kind, seq: seq + index, at: after + index * 30_000 })),
  )
  expect(refused).toEqual([])
}

const event = (at: number, more: Partial<HazardEvent> = {}) =>
  hazardEvent({
    source: { kind: 'camera', id: 'works-chimney' },
    type: 'plume',
    zone: 'sky',
    severity: 2,
    since: at - 5_000,
    startedAt: at,
    lastSeenAt: at,
    measured: { darkness: 2.4 },
    ...more,
  })

beforeAll(async () => {
  city = await startDashboard()
  operator = await city.as('operator')
  investigator = await city.as('investigator')
  const { database } = city
  await database.query(
    `insert into coverage (camera, worker, epoch, from_at, to_at, state, model)
     values ('works-chimney', 'w/1', 7, $1, $2, 'online', null), ('works-chimney', 'w/1', 7, $2, now(), 'stalled', null),
            ('kitchen', 'w/1', 3, $1, now(), 'online', null)`,
    [new Date(began - 60 * MINUTE), new Date(began + 9 * MINUTE)],
  )
  const plume = event(began)
  await receive(plume, ['start', 'update'])
  alertId = (await database.query<{ id: string }>('select id from alerts')).rows[0]?.id ?? ''
  await operator.post(`/api/alerts/${alertId}/acknowledge`)
  await operator.post(`/api/alerts/${alertId}/verdict`, { verdict: 'confirmed' })
  const filed = await operator.post('/api/cases', { alertId })
  caseNo = ((await filed.json()) as Json).no
  const officer = await city.as('officer')
  const { version } = await officer.json(`/api/cases/${caseNo}`)
  expect((await officer.post(`/api/cases/${caseNo}/commands`, { kind: 'accept', version })).status).toBe(200)
  // As delivery would have written it: the first call failed, the second was taken.
  const { rows } = await database.query<{ id: string }>(
    "select id from notifications where group_kind = 'case' and group_id = $1 order by created_at limit 1",
    [caseNo],
  )
  await database.query(
    `insert into notification_attempts (notification_id, attempt, at, duration_ms, outcome, code, error)
     values ($1, 1, clock_timestamp(), 12, 'failed', '503', 'busy'), ($1, 2, clock_timestamp() + interval '1 millisecond', 9, 'sent', '200', null)`,
    [rows[0]?.id],
  )
  await database.query(
    `insert into looks (who, what, object, camera, purpose, case_no, reason)
     values ('investigator', 'original', $1, 'works-chimney', 'environment', null, 'complaint 17'),
            ('operator', 'live', 'camera:works-chimney', 'works-chimney', 'environment', null, null),
            ('verifier', 'live', 'camera:works-chimney', 'works-chimney', 'environment', $2, null)`,
    [`alert:${alertId}`, caseNo],
  )
  await receive(plume, ['end'], 3, 2 * MINUTE)
  // Another hazard of the same camera, and one of another: no part of the case.
  await receive(event(began + MINUTE, { type: 'fire', severity: 1, rule: { id: 'fire', version: '1' } }), [
    'start',
  ])
  await receive(
    event(began, { source: { kind: 'camera', id: 'kitchen' }, rule: { id: 'k', version: '1' } }),
    ['start'],
  )
})
afterAll(() => city[Symbol.asyncDispose]())

const told = ({ what, kind, step, state, outcome }: Json): string =>
  what === 'alert'
    ? `alert ${step}`
    : what === 'coverage'
      ? `coverage ${state}`
      : `${what} ${outcome ?? kind}`

test('a case is told in order, by cause and effect, each thing once', async () => {
  const { items, next } = await operator.json(`/api/cases/${caseNo}/replay?limit=200`)
  expect(next).toBeNull()
  expect(items.map((item: Json) => item.at)).toEqual(items.map((item: Json) => item.at).toSorted())
  const story = items.map(told)
  expect(story.slice(0, 3)).toEqual(['coverage online', 'alert began', 'event start'])
  expect(story.filter((line: string) => line.startsWith('event'))).toEqual(['event start', 'event end'])
  expect(story.filter((line: string) => line.startsWith('alert'))).toEqual([
    'alert began',
    'alert opened',
    'alert acknowledged',
    'alert verdict',
    'alert resolved',
  ])
  expect(story.filter((line: string) => line.startsWith('case')).slice(0, 3)).toEqual([
    'case file',
    'case dispatch',
    'case accept',
  ])
  expect(story.filter((line: string) => line.startsWith('notification'))).toEqual(
    expect.arrayContaining(['notification queued', 'notification failed', 'notification sent']),
  )
  expect(story.filter((line: string) => line.startsWith('coverage'))).toEqual([
    'coverage online',
    'coverage stalled',
  ])
  expect(story.some((line: string) => line.startsWith('look'))).toBe(false)
  const start = items.find((item: Json) => item.what === 'event')
  expect(start.state.measured).toEqual({ darkness: 2.4 })
  expect(items.find((item: Json) => item.step === 'verdict')).toMatchObject({
    actor: 'operator',
    verdict: 'confirmed',
  })
  expect(JSON.stringify(items)).not.toContain('hook?key=secret')
})

test('with every update when asked, and the same story in pages of any size', async () => {
  const full = await investigator.json(`/api/cases/${caseNo}/replay?detail=full&limit=200`)
  expect(full.items.map(told)).toContain('event update')
  const keys = full.items.map((item: Json) => `${item.what} ${item.key}`)
  expect(new Set(keys).size).toBe(keys.length)
  for (const limit of [1, 3, 7]) {
    const seen: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const page: Json = await investigator.json(
        `/api/cases/${caseNo}/replay?detail=full&limit=${limit}${next && `&cursor=${encodeURIComponent(next)}`}`,
      )
      seen.push(...page.items.map((item: Json) => `${item.what} ${item.key}`))
      next = page.next
    }
    expect(seen).toEqual(keys)
  }
  // A cursor that stands at a look is no error for somebody who sees none.
  const page = await investigator.json(
    `/api/cases/${caseNo}/replay?detail=full&limit=${keys.findIndex((key: string) => key.startsWith('look')) + 1}`,
  )
  expect((await operator.get(`/api/cases/${caseNo}/replay?cursor=${page.next}`)).status).toBe(200)
  expect((await operator.get(`/api/cases/${caseNo}/replay?cursor=nonsense`)).status).toBe(422)
})

test('who looked is for investigators and auditors: at the alert, and at the camera for this case', async () => {
  for (const role of ['investigator', 'auditor']) {
    const { items } = await (await city.as(role)).json(`/api/cases/${caseNo}/replay?limit=200`)
    expect(
      items.filter((item: Json) => item.what === 'look').map((item: Json) => [item.who, item.kind]),
    ).toEqual([
      ['investigator', 'original'],
      ['verifier', 'live'],
    ])
  }
})

test('an officer replays the cases of the own department, and no place', async () => {
  expect((await (await city.as('officer')).json(`/api/cases/${caseNo}/replay`)).items).not.toEqual([])
  const other = await city.as('market.officer')
  expect((await other.get(`/api/cases/${caseNo}/replay`)).status).toBe(404)
  expect((await other.get('/api/replay?source=works-chimney')).status).toBe(403)
  expect((await (await city.as('admin')).get('/api/replay?source=works-chimney')).status).toBe(403)
})

test('what the change log no longer tells comes from the alert itself', async () => {
  const before = (await operator.json(`/api/cases/${caseNo}/replay?limit=200`)).items.map(told)
  await city.database.query(
    "delete from changes where topic = 'alert' and payload ->> 'kind' in ('opened', 'verdict', 'acknowledged')",
  )
  const { items } = await operator.json(`/api/cases/${caseNo}/replay?limit=200`)
  expect(
    items
      .map(told)
      .filter((line: string) => line.startsWith('alert'))
      .sort(),
  ).toEqual(before.filter((line: string) => line.startsWith('alert')).sort())
  expect(items.find((item: Json) => item.step === 'verdict')).toMatchObject({
    actor: 'operator',
    verdict: 'confirmed',
  })
})

test('a place is told with everything that happened there in the span, and nothing else', async () => {
  const iso = (at: number) => new Date(at).toISOString()
  const span = `from=${iso(began - MINUTE)}&to=${iso(Date.now() + MINUTE)}`
  const { items } = await investigator.json(`/api/replay?source=works-chimney&${span}&limit=200`)
  const events = items.filter((item: Json) => item.what === 'event')
  expect(events.map((item: Json) => `${item.type} ${item.kind}`)).toEqual([
    'plume start',
    'fire start',
    'plume end',
  ])
  expect(
    items.filter((item: Json) => item.what === 'coverage').map((item: Json) => [item.at, item.state]),
  ).toEqual([
    // It began an hour before: what is told of it begins with the span.
    [iso(began - MINUTE), 'online'],
    [iso(began + 9 * MINUTE), 'stalled'],
  ])
  expect(items.filter((item: Json) => item.step === 'opened')).toHaveLength(2)
  expect(items.filter((item: Json) => item.what === 'case').map((item: Json) => item.case)).toContain(caseNo)
  expect(items.filter((item: Json) => item.what === 'look')).toHaveLength(3)
  expect(JSON.stringify(items)).not.toContain('"kitchen"')
  const early = await investigator.json(
    `/api/replay?source=works-chimney&from=${iso(began - 30 * MINUTE)}&to=${iso(began - 20 * MINUTE)}`,
  )
  expect(early.items.map(told)).toEqual(['coverage online'])
  expect((await investigator.json(`/api/replay?source=${randomUUID()}`)).items).toEqual([])
  expect((await investigator.get('/api/replay')).status).toBe(422)
})
