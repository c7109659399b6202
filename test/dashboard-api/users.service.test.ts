import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountsShape, oneTimePasswordShape } from '../../core/api/users.ts'
import type { Json } from './browser.ts'
import { PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts'

let city: TestDashboard
beforeAll(async () => {
  city = await startDashboard()
})
afterAll(() => city[Symbol.asyncDispose]())

const reason = '新同事'
const save = async (kind: string, id: string, version: number | null, body: object) =>
  (await city.as('admin')).post(`/api/config/${kind}/${id}`, { version, body, reason })
const account = async (name: string) =>
  accountsShape
    .parse(await (await city.as('admin')).json('/api/users'))
    .items.find((item) => item.name === name)
const enter = async (name: string, password: string) => {
  const browser = city.browser()
  const answer = await browser.post('/api/session', { name, password })
  return { browser, answer }
}

test('a person is added, gets a one-time password once, chooses another, and is reset without an old session left', async () => {
  const admin = await city.as('admin')
  const added = await save('user', 'new.duty', null, { name: 'new.duty', roles: ['operator'] })
  expect(added.status).toBe(200)
  expect(await account('new.duty')).toEqual({ name: 'new.duty', password: 'none', since: null })
  const make = () => admin.post('/api/users/new.duty/password', { reason })
  const { password } = oneTimePasswordShape.parse(await (await make()).json())
  expect(password).toMatch(/^[\w-]{12}$/)
  expect(await account('new.duty')).toMatchObject({ password: 'one_time' })
  const { browser, answer } = await enter('new.duty', password)
  expect(await answer.json()).toMatchObject({ mustChangePassword: true })
  expect((await browser.get('/api/desk')).status).toBe(403)
  const next = 'a password of my own'
  expect((await browser.post('/api/session/password', { current: password, next })).status).toBe(200)
  expect(await account('new.duty')).toMatchObject({ password: 'set' })
  expect((await browser.get('/api/desk')).status).toBe(200)
  const again = oneTimePasswordShape.parse(await (await make()).json())
  expect(again.password).not.toBe(password)
  expect((await browser.get('/api/desk')).status).toBe(401)
  expect((await enter('new.duty', next)).answer.status).toBe(401)
  const { rows } = await city.database.query<{ payload: object; text: string }>(
    `select payload, payload::text as text from changes where key = 'user/new.duty' and payload ->> 'change' = 'password_reset'`,
  )
  expect(rows.map(({ payload }) => payload)).toEqual(
    Array(2).fill({ change: 'password_reset', actor: 'admin', reason }),
  )
  const everywhere = [...rows.map(({ text }) => text), JSON.stringify(city.log.lines)].join()
  for (const secret of [password, again.password]) expect(everywhere).not.toContain(secret)
})

test('nobody gets a password who is of the file, unknown or asks for the own', async () => {
  const admin = await city.as('admin')
  const ask = async (name: string) => {
    const answer = await admin.post(`/api/users/${name}/password`, { reason })
    return [answer.status, ((await answer.json()) as Json).code]
  }
  expect(await ask('operator')).toEqual([409, 'state_conflict'])
  expect(await ask('nobody.here')).toEqual([404, 'not_found'])
  expect(await ask('admin')).toEqual([409, 'state_conflict'])
  // What was asked for in vain left the person's password as it was.
  expect((await enter('operator', PASSWORD)).answer.status).toBe(200)
  const empty = await admin.post('/api/users/operator/password', { reason: ' ' })
  expect(empty.status).toBe(422)
})

test('the last admin and the own admin role stay; a department with open cases stays', async () => {
  const admin = await city.as('admin')
  const hand = await admin.post('/api/config/user/admin/hand', { version: 1, to: 'desk', reason })
  expect(hand.status).toBe(200)
  const own = await save('user', 'admin', 2, { name: 'admin', roles: ['operator'] })
  expect([own.status, await own.json()]).toEqual([
    409,
    expect.objectContaining({ detail: expect.stringContaining('nobody takes the own role admin') }),
  ])
  // Another admin may, as long as one is left.
  await save('user', 'second.admin', null, { name: 'second.admin', roles: ['admin'] })
  const { password } = oneTimePasswordShape.parse(
    await (await admin.post('/api/users/second.admin/password', { reason })).json(),
  )
  const { browser } = await enter('second.admin', password)
  await browser.post('/api/session/password', { current: password, next: 'the second admin of all' })
  const gone = await admin.post('/api/config/user/second.admin/remove', { version: 1, reason })
  expect(gone.status).toBe(204)
  expect((await browser.get('/api/users')).status).toBe(401)

  const water = { id: 'water', name: { zh: '水务局', en: 'Water bureau' } }
  expect((await save('department', 'water', null, water)).status).toBe(200)
  const operator = await city.as('operator')
  const filed = await operator.post('/api/cases', {
    ...{ type: 'litter', place: '人民路 3 号', note: '垃圾' },
  })
  const { no, state, version } = (await filed.json()) as Json
  expect(state).toBe('pending_accept')
  await city.database.query('update cases set assist = $2 where no = $1', [no, ['water']])
  const refused = await admin.post('/api/config/department/water/remove', { version: 1, reason })
  expect([refused.status, await refused.json()]).toEqual([
    409,
    expect.objectContaining({
      code: 'state_conflict',
      detail: expect.stringContaining(`1 open cases (${no})`),
    }),
  ])
  const voided = await operator.post(`/api/cases/${no}/commands`, { kind: 'void', version, reason: '试验' })
  expect(voided.status).toBe(200)
  expect((await admin.post('/api/config/department/water/remove', { version: 1, reason })).status).toBe(204)
})

test('retention is told as the program has it', async () => {
  expect(await (await city.as('admin')).json('/api/retention')).toEqual({
    ...{ alert: 90, case: 1_095, original: 90, changes: 90, events: 30, readings: null },
  })
})
