import { afterAll, beforeAll, expect, test } from 'vitest'
import { applyConfig, configObjects } from '../../adapters/postgres/config-store.ts'
import { configListShape, configRemovedShape, configVersionsShape } from '../../core/api/config.ts'
import { CITY, startDashboard, type TestDashboard } from './dashboard.ts'

let city: TestDashboard
beforeAll(async () => {
  city = await startDashboard()
})
afterAll(() => city[Symbol.asyncDispose]())

const camera = (name: string) => ({
  id: 'gate',
  name: { zh: name, en: name },
  purpose: 'public_safety',
  url: 'rtsp://10.0.0.3/1',
  rules: [{ id: 'fire', type: 'fire', for: '5s' }],
})

test('an admin adds a camera, changes it and reads its versions; others only read what they may', async () => {
  const admin = await city.as('admin')
  const save = (version: number | null, name: string) =>
    admin.post('/api/config/camera/gate', { version, body: camera(name), reason: '新装' })
  expect((await save(null, '东门')).status).toBe(200)
  expect((await save(1, '西门')).status).toBe(200)
  const stale = await save(1, '南门')
  expect(stale.status).toBe(409)
  expect(await stale.json()).toMatchObject({ code: 'version_conflict', details: { version: 2 } })
  const { items } = configListShape.parse(await admin.json('/api/config/camera'))
  expect(items.find(({ id }) => id === 'gate')).toMatchObject({
    managedBy: 'desk',
    body: { name: { zh: '西门' }, rules: [{ for: '5s' }] },
  })
  const versions = configVersionsShape.parse(await admin.json('/api/config/camera/gate/versions'))
  expect(versions.items.map(({ version }) => version)).toEqual([2, 1])
  // The camera is configured: workers and pages see it.
  expect(await admin.json('/api/cameras/gate')).toMatchObject({ name: { zh: '西门' } })
  const operator = await city.as('operator')
  expect((await operator.get('/api/config/camera')).status).toBe(403)
  expect((await operator.post('/api/config/camera/gate/remove', { version: 2, reason: 'x' })).status).toBe(
    403,
  )
  expect((await (await city.as('auditor')).get('/api/config/camera')).status).toBe(200)
  expect((await admin.post('/api/config/camera/gate/remove', { version: 2, reason: '拆' })).status).toBe(204)
  expect((await admin.get('/api/cameras/gate')).status).toBe(404)
})

test('an auditor reads who is told, not the address with its key', async () => {
  const admin = await city.as('admin')
  const url = 'https://hooks.example/robot?key=geheim'
  const body = {
    id: 'water',
    name: { zh: '水务局', en: 'Water bureau' },
    channels: [{ kind: 'webhook', url, secretFile: '/secrets/water' }],
  }
  const saved = await admin.post('/api/config/department/water', { version: null, body, reason: '新增' })
  expect(await saved.json()).toMatchObject({ body: { channels: [{ url }] } })
  const auditor = await city.as('auditor')
  for (const path of ['/api/config/department', '/api/config/department/water/versions']) {
    const text = await (await auditor.get(path)).text()
    expect(text).toContain('https://hooks.example/…')
    expect(text).not.toContain('geheim')
  }
})

test('what is wrong is said with its place, and nothing is kept', async () => {
  const admin = await city.as('admin')
  const body = { ...camera('x'), rules: [{ id: 'fire', type: 'fire', zone: 'nowhere' }] }
  const checked = await admin.post('/api/config/camera/gate/check', { body })
  expect(await checked.json()).toMatchObject({ faults: [{ path: 'rules.0.zone' }] })
  const refused = await admin.post('/api/config/camera/gate', { version: null, body, reason: 'x' })
  expect(refused.status).toBe(422)
  expect(await refused.json()).toMatchObject({
    code: 'config_invalid',
    details: { faults: [{ path: 'rules.0.zone' }] },
  })
})

test('the rules of a camera, disabled ones too, are read by those who watch; its source stays with the admin', async () => {
  const admin = await city.as('admin')
  const rules = [
    { id: 'fire', type: 'fire', for: '5s', enabled: false },
    { id: 'mice', type: 'rodent' },
  ]
  const body = { ...camera('北门'), id: 'north', zones: { lane: [[0, 0], [1, 0], [1, 1]] }, rules } // biome-ignore format: one shape
  expect((await admin.post('/api/config/camera/north', { version: null, body, reason: '新装' })).status).toBe(
    200,
  )
  for (const name of ['operator', 'investigator', 'auditor', 'admin']) {
    const read = await (await city.as(name)).json('/api/cameras/north/rules')
    expect(read).toEqual({
      id: 'north',
      managedBy: 'desk',
      version: 1,
      zones: body.zones,
      privacy: [],
      rules,
    })
  }
  expect((await (await city.as('officer')).get('/api/cameras/north/rules')).status).toBe(403)
  expect((await admin.get('/api/cameras/nowhere/rules')).status).toBe(404)
  expect((await admin.json('/api/cameras/north')).rules).toMatchObject([
    { id: 'fire', enabled: false },
    { id: 'mice', enabled: true, unavailable: 'not built yet' },
  ])
})

test('a version says whether a person, the machine or a command on the server made it', async () => {
  const admin = await city.as('admin')
  const apply = (name: string | null, actor: string, reason: string) => {
    const pier = CITY.cameras
      .slice(0, 1)
      .map((one) => ({ ...one, id: 'pier', name: { zh: name ?? '', en: 'Pier' } }))
    const cameras = [...CITY.cameras, ...(name === null ? [] : pier)]
    return applyConfig(city.database, configObjects({ ...CITY, cameras }), { actor, reason, write: true })
  }
  const hand = async (version: number, to: 'file' | 'desk') =>
    expect(
      (await admin.post('/api/config/camera/pier/hand', { version, to, reason: 'apply -f city.yaml' }))
        .status,
    ).toBe(200)
  await apply('一号码头', 'start', 'start')
  await apply('二号码头', 'admin', 'apply -f city.yaml')
  await hand(2, 'desk')
  const body = { ...camera('三号码头'), id: 'pier' }
  expect((await admin.post('/api/config/camera/pier', { version: 3, body, reason: 'start' })).status).toBe(
    200,
  )
  await hand(4, 'file')
  await apply(null, 'admin', 'apply -f city.yaml')
  const { items } = configVersionsShape.parse(await admin.json('/api/config/camera/pier/versions'))
  expect(items.map(({ actor, actorKind }) => `${actor} ${actorKind}`)).toEqual([
    'admin command_line',
    'admin person',
    'admin person',
    'admin person',
    'admin command_line',
    'start machine',
  ])
  const removed = configRemovedShape.parse(await admin.json('/api/config/camera/removed'))
  expect(removed.items.find(({ id }) => id === 'pier')).toMatchObject({ actorKind: 'command_line' })
})

test('no account is made under a name that reads as the machine; one of before can still be changed', async () => {
  const admin = await city.as('admin')
  const save = (id: string, version: number | null) =>
    admin.post(`/api/config/user/${id}`, {
      version,
      body: { name: id, roles: ['auditor'] },
      reason: '新同事',
    })
  const fault = { path: 'name', rule: 'reserved_name', values: { id: 'timer' } }
  const checked = await admin.post('/api/config/user/timer/check', {
    body: { name: 'timer', roles: ['auditor'] },
  })
  expect(await checked.json()).toMatchObject({ faults: [fault] })
  const refused = await save('timer', null)
  expect(refused.status).toBe(422)
  expect(await refused.json()).toMatchObject({ code: 'config_invalid', details: { faults: [fault] } })
  expect((await save('System', null)).status).toBe(422)
  expect((await save('timer.duty', null)).status).toBe(200)
  await city.database.query(
    `insert into config_objects (kind, id, managed_by, version, body)
     values ('user', 'inbox', 'desk', 1, '{"name": "inbox", "roles": ["operator"]}')`,
  )
  expect((await save('inbox', 1)).status).toBe(200)
})
