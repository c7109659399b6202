import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { setPassword } from '../../dashboard-api/auth/credentials.ts'
import type { Browser, Json } from './browser.ts'
import { PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert, insertEvidence, picture } from './matters.ts'
import { openStream } from './sse.ts'

let city: TestDashboard
let operator: Browser
let second: Browser

beforeAll(async () => {
  city = await startDashboard()
  await city.database.query(
    `insert into config_objects (kind, id, managed_by, version, body)
     values ('user', 'second', 'desk', 1, '{"name": "second", "roles": ["operator"]}')`,
  )
  await setPassword(city.database, 'second', PASSWORD, { mustChange: false })
  operator = await city.as('operator')
  second = await city.as('second')
})
afterAll(() => city[Symbol.asyncDispose]())
afterEach(async () => {
  await city.database.query('truncate shifts, alert_claims, verdicts, alerts cascade')
  await new Promise((done) => setTimeout(done, 1_050)) // desks share an answer for a second
})

const desk = (who = operator): Promise<Json> => who.json('/api/desk')
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)
const problem = async (response: Response): Promise<Json> => ({
  status: response.status,
  ...((await response.json()) as Json),
})

describe('counts', () => {
  test('what is to verify by severity, the alarm rate, and a flood with its beginning', async () => {
    for (let i = 0; i < 11; i++) await insertAlert(city.database, { openedAt: minutesAgo(5) })
    const judged = await insertAlert(city.database, { openedAt: minutesAgo(40) })
    await operator.post(`/api/alerts/${judged}/verdict`, { verdict: 'confirmed' })
    await city.database.query(
      'update alerts set severity = 1 where id = (select id from alerts where verdict is null limit 1)',
    )
    const flood = await desk()
    expect(flood).toMatchObject({ rate10m: 11, toVerify: 11, open: { 1: 1, 2: 10, 3: 0, 4: 0 }, muted: 0 })
    expect(Math.abs(Date.parse(flood.flood.since) - minutesAgo(5).getTime())).toBeLessThan(15_000)
    expect((await (await city.as('officer')).get('/api/desk')).status).toBe(403)
  })

  test('ten in ten minutes are no flood', async () => {
    for (let i = 0; i < 10; i++) await insertAlert(city.database)
    expect(await desk()).toMatchObject({ rate10m: 10, flood: null })
  })
})

describe('muted until', () => {
  test('it leaves "to verify" on every desk, is counted, and comes back when its time is over', async () => {
    const id = await insertAlert(city.database)
    const until = new Date(Date.now() + 3_600_000).toISOString()
    expect((await operator.post(`/api/alerts/${id}/mute`, { until, reason: '' })).status).toBe(422)
    expect(
      (await operator.post(`/api/alerts/${id}/mute`, { until: '2020-01-01T00:00:00Z', reason: 'x' })).status,
    ).toBe(422)
    expect(
      (await (await city.as('verifier')).post(`/api/alerts/${id}/mute`, { until, reason: 'x' })).status,
    ).toBe(403)
    const muted = (await (
      await operator.post(`/api/alerts/${id}/mute`, { until, reason: '等洒水车' })
    ).json()) as Json
    expect(muted.muted).toEqual({ until, by: 'operator', reason: '等洒水车' })
    const list = async (query: string) =>
      (await second.json(`/api/alerts?${query}`)).items.map((item: Json) => item.id)
    expect(await list('verdict=none&muted=false')).toEqual([])
    expect(await list('verdict=none&muted=true')).toEqual([id])
    expect(await desk(second)).toMatchObject({ toVerify: 0, muted: 1 })
    await city.database.query("update alerts set muted_until = now() - interval '1 second' where id = $1", [
      id,
    ])
    expect(await list('verdict=none&muted=false')).toEqual([id])
    await operator.delete(`/api/alerts/${id}/mute`)
    expect((await operator.json(`/api/alerts/${id}`)).muted).toBeNull()
  })
})

describe('verdicts taken back', () => {
  test('undo and withdrawal through their routes, told in the timeline', async () => {
    const id = await insertAlert(city.database)
    await operator.post(`/api/alerts/${id}/verdict`, { verdict: 'rejected', reason: 'duplicate' })
    const other = await problem(await second.post(`/api/alerts/${id}/verdict/undo`))
    expect(other).toMatchObject({
      status: 409,
      code: 'state_conflict',
      details: { why: 'other', by: 'operator' },
    })
    const undone = (await (await operator.post(`/api/alerts/${id}/verdict/undo`)).json()) as Json
    expect(undone).toMatchObject({ verdict: null, verdictBy: null })
    await operator.post(`/api/alerts/${id}/verdict`, { verdict: 'confirmed' })
    await city.database.query("update verdicts set at = at - interval '11 seconds' where ended is null")
    const late = await problem(await operator.post(`/api/alerts/${id}/verdict/undo`))
    expect(late).toMatchObject({ status: 409, details: { why: 'late' } })
    expect((await second.post(`/api/alerts/${id}/verdict/withdraw`, {})).status).toBe(422)
    const back = (await (
      await second.post(`/api/alerts/${id}/verdict/withdraw`, { reason: '看错了' })
    ).json()) as Json
    expect(back.verdict).toBeNull()
    const told = back.timeline.filter(({ kind }: Json) => /verdict|confirmed|rejected/.test(kind))
    expect(told.map(({ kind, actor }: Json) => `${kind} ${actor}`).sort()).toEqual([
      'confirmed operator',
      'rejected operator',
      'verdict_undone operator',
      'verdict_withdrawn second',
    ])
  })

  test('two operators judge in one second: one wins, the other is told by whom', async () => {
    const id = await insertAlert(city.database)
    const answers = await Promise.all([
      operator.post(`/api/alerts/${id}/verdict`, { verdict: 'confirmed' }),
      second.post(`/api/alerts/${id}/verdict`, { verdict: 'rejected', reason: 'duplicate' }),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const lost = answers.find(({ status }) => status === 409)
    const { verdictBy } = await operator.json(`/api/alerts/${id}`)
    expect(lost && (await problem(lost)).details).toMatchObject({ by: verdictBy })
  })
})

describe('who is looking', () => {
  test('a claim is seen by all, wakes their streams without a position, and ends', async () => {
    const id = await insertAlert(city.database)
    const stream = await openStream(second)
    const claimed = (await (await operator.post(`/api/alerts/${id}/claim`)).json()) as Json
    expect(claimed.items).toMatchObject([{ alert: id, who: 'operator' }])
    await stream.until((events) => events.some(({ event }) => event === 'claims'))
    expect(stream.events.find(({ event }) => event === 'claims')?.id).toBe('')
    expect((await second.json('/api/claims')).items).toHaveLength(1)
    const both = (await (await second.post(`/api/alerts/${id}/claim`)).json()) as Json
    expect(both.items.map(({ who }: Json) => who).sort()).toEqual(['operator', 'second'])
    // Nothing of it is in the log, which is for ever.
    const { rows } = await city.database.query("select 1 from changes where payload::text like '%claim%'")
    expect(rows).toEqual([])
    await operator.delete(`/api/alerts/${id}/claim`)
    await city.database.query("update alert_claims set until = now() - interval '1 second'")
    expect((await second.json('/api/claims')).items).toEqual([])
    stream.close()
    expect((await (await city.as('auditor')).get('/api/claims')).status).toBe(403)
    expect((await operator.post('/api/alerts/00000000-0000-4000-8000-000000000000/claim')).status).toBe(404)
  })
})

describe('shifts', () => {
  test('the next one has to read and take what the one before has written', async () => {
    const muted = await insertAlert(city.database)
    await insertAlert(city.database)
    const until = new Date(Date.now() + 3_600_000).toISOString()
    await operator.post(`/api/alerts/${muted}/mute`, { until, reason: '等洒水车' })
    const first = (await (await operator.post('/api/shifts', {})).json()) as Json
    const again = (await (await operator.post('/api/shifts', {})).json()) as Json
    expect(again.id).toBe(first.id)
    expect((await desk(second)).onDuty).toMatchObject([{ who: 'operator' }])
    expect((await operator.post('/api/shifts/end', { note: ' ' })).status).toBe(422)
    const open = await operator.json('/api/shifts/open')
    expect(open).toMatchObject({ toVerify: 1, muted: 1, mutes: [{ alert: muted, by: 'operator' }], dead: 0 })
    const running = await problem(await second.post(`/api/shifts/${first.id}/take`))
    expect(running).toMatchObject({ status: 409, details: { why: 'on_shift', by: 'operator' } })
    const ended = (await (
      await operator.post('/api/shifts/end', { note: '三号烟囱请继续看' })
    ).json()) as Json
    expect(ended).toMatchObject({ note: '三号烟囱请继续看', open: { toVerify: 1 }, takenBy: null })
    const off = await problem(await operator.post('/api/shifts/end', { note: 'x' }))
    expect(off).toMatchObject({ status: 409, details: { why: 'off_duty' } })

    expect((await desk(second)).handovers).toMatchObject([{ id: first.id, who: 'operator' }])
    const refused = await problem(await second.post('/api/shifts', {}))
    expect(refused).toMatchObject({ status: 409, details: { why: 'handover', ids: [first.id] } })
    expect((await second.post('/api/shifts', { taken: [first.id] })).status).toBe(200)
    expect((await desk(second)).handovers).toEqual([])
    const twice = await problem(await operator.post(`/api/shifts/${first.id}/take`))
    expect(twice).toMatchObject({ status: 409, details: { why: 'taken', by: 'second' } })
    const { rows } = await city.database.query<{ kind: string; actor: string }>(
      "select payload ->> 'kind' as kind, payload ->> 'actor' as actor from changes where topic = 'shift' order by id",
    )
    expect(rows.map(({ kind, actor }) => `${kind} ${actor}`)).toEqual([
      'started operator',
      'ended operator',
      'taken second',
      'started second',
    ])
  })

  test('two tabs that press at once begin one shift', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => operator.post('/api/shifts', {})))
    const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as Json).id))
    expect(new Set(ids).size).toBe(1)
  })
})

describe('groups', () => {
  test('one row for each place and type, all counted, where it was when it grows', async () => {
    const old = await insertAlert(city.database, {
      openedAt: minutesAgo(9),
      camera: 'kitchen',
      type: 'no_hat',
    })
    for (let i = 0; i < 3; i++)
      await insertAlert(city.database, { openedAt: minutesAgo(5 - i), rule: `r${i}` })
    const judged = await insertAlert(city.database, { type: 'fire' })
    await operator.post(`/api/alerts/${judged}/verdict`, { verdict: 'confirmed' })
    const read = async () => await operator.json('/api/desk/groups')
    const ids = (groups: Json) => groups.items.map((group: Json) => `${group.id} ${group.n}`)
    expect(await read()).toMatchObject({ groups: 2, alerts: 4 })
    expect(ids(await read())).toEqual(['works-chimney|plume 3', 'kitchen|no_hat 1'])
    const newest = await insertAlert(city.database, { camera: 'kitchen', type: 'no_hat' })
    const grown = await read()
    expect(ids(grown)).toEqual(['works-chimney|plume 3', 'kitchen|no_hat 2'])
    expect(grown.items[1]).toMatchObject({ newest: { id: newest }, rules: 2 })
    expect(old).not.toBe(newest)
  })

  test('one verdict for many: one rule of one camera, every still opened by the same person', async () => {
    const rule = 'same'
    const make = async (openedAt: Date, more = {}) => {
      const id = await insertAlert(city.database, { openedAt, rule, ...more })
      await city.database.query('update alerts set fingerprint = id where id = $1', [id])
      return id
    }
    // At most one alert of a rule is open at a time: the older one has resolved.
    const a = await make(minutesAgo(3))
    const b = await make(minutesAgo(1))
    const elsewhere = await make(minutesAgo(1), { camera: 'kitchen' })
    await insertEvidence(city.database, city.evidenceStore, a, 'still', 'masked', await picture())
    const judge = (alerts: string[], who = operator) =>
      who.post('/api/desk/verdicts', { alerts, verdict: 'rejected', reason: 'light_or_weather' })
    expect(await problem(await judge([a, elsewhere]))).toMatchObject({
      ...{ status: 422, details: { why: 'mixed_rules', rules: 2 } },
    })
    expect(await problem(await judge([a, b]))).toMatchObject({
      status: 409,
      details: { why: 'unseen', alerts: [a] },
    })
    await second.get(`/api/alerts/${a}/still.jpg?size=thumb`)
    expect((await judge([a, b])).status).toBe(409)
    await operator.get(`/api/alerts/${a}/still.jpg?size=thumb`)
    await second.post(`/api/alerts/${b}/verdict`, { verdict: 'confirmed' })
    const answer = (await (await judge([a, b])).json()) as Json
    expect(answer.items).toMatchObject([
      { alert: a, refused: null, why: null },
      { alert: b, refused: 'state_conflict', why: { code: 'judged', facts: { by: 'second' } } },
    ])
    expect((await operator.json(`/api/alerts/${b}`)).verdict).toBe('confirmed')
    expect((await judge([a, b], await city.as('auditor'))).status).toBe(403)
  })
})
