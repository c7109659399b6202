import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createConfigCommands } from '../../adapters/postgres/config-desk.ts'
import { applyConfig, configObjects, readConfig } from '../../adapters/postgres/config-store.ts'
import type { Actor } from '../../core/actor.ts'
import type { ConfigCommands } from '../../core/config/objects.ts'
import { parseCity } from '../../core/config/parse.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const CITY = `
city: { name: 示例市, dispatch: 30m }
departments:
  - { id: ecology, name: { zh: 生态环境局, en: Ecology bureau } }
  - { id: market, name: { zh: 市场监管局, en: Market bureau } }
cameras:
  - id: cam-1
    name: { zh: 一号, en: One }
    purpose: environment
    url: "rtsp://127.0.0.1/1"
    zones: { sky: [[0, 0], [1, 0], [1, 0.5]] }
    rules: [{ id: dark, type: plume, zone: sky, darkness: 2, for: 90s }]
routes:
  - { when: { type: fire }, lead: market, accept: 2h }
  - { lead: ecology }
`
const file = { actor: 'apply', reason: 'test', write: true }
const admin: Actor = { kind: 'person', name: 'root', roles: ['admin'], department: null }
const operator: Actor = { ...admin, name: 'duty', roles: ['operator'] }
let database: TestDatabase
let desk: ConfigCommands
beforeAll(async () => {
  database = await createTestDatabase()
  desk = createConfigCommands({ database })
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  await database.query('delete from config_objects')
  await database.query('delete from config_versions')
  await applyConfig(database, configObjects(parseCity(CITY, 'city.yaml')), file)
})

const NEW_CAMERA = {
  id: 'cam-2',
  name: { zh: '二号', en: 'Two' },
  purpose: 'kitchen',
  url: 'rtsp://127.0.0.1/2',
}

test('bodies are in the form of the file, and go back as they came', async () => {
  const [camera] = await desk.list('camera')
  expect(camera).toMatchObject({ id: 'cam-1', managedBy: 'file', version: 1 })
  expect(camera?.body).toMatchObject({ rules: [{ id: 'dark', for: '90s' }] })
  expect(await desk.check('camera', 'cam-1', camera?.body ?? {})).toEqual([])
  expect((await desk.list('city'))[0]?.body).toMatchObject({ dispatch: '30m' })
  const [route] = await desk.list('route')
  expect(route?.body).toMatchObject({ accept: '2h' })
})

test('adds, changes by version and removes, each with its version and its change', async () => {
  const added = await desk.save('camera', 'cam-2', { version: null, body: NEW_CAMERA, reason: '新装' }, admin)
  expect(added).toMatchObject({ managedBy: 'desk', version: 1 })
  const changed = await desk.save(
    'camera',
    'cam-2',
    { version: 1, body: { ...NEW_CAMERA, masking: 'frame' }, reason: '遮挡' },
    admin,
  )
  expect(changed).toMatchObject({ version: 2, body: { masking: 'frame' } })
  await expect(
    desk.save('camera', 'cam-2', { version: 1, body: NEW_CAMERA, reason: 'late' }, admin),
  ).rejects.toMatchObject({ code: 'version_conflict', details: { version: 2 } })
  // What the file does not have it does not take away.
  expect(await applyConfig(database, configObjects(parseCity(CITY, 'city.yaml')), file)).toEqual([])
  await desk.remove('camera', 'cam-2', { version: 2, reason: '拆除' }, admin)
  expect((await readConfig(database, 'camera')).map(({ id }) => id)).toEqual(['cam-1'])
  const again = await desk.save('camera', 'cam-2', { version: null, body: NEW_CAMERA, reason: 'back' }, admin)
  expect(again.version).toBe(4)
  expect(
    (await desk.versions('camera', 'cam-2')).map((v) => [v.version, v.actor, v.reason, v.body === null]),
  ).toEqual([
    [4, 'root', 'back', false],
    [3, 'root', '拆除', true],
    [2, 'root', '遮挡', false],
    [1, 'root', '新装', false],
  ])
  const { rows } = await database.query(
    "select payload ->> 'change' as change from changes where topic = 'config' and key = 'camera/cam-2' order by id",
  )
  expect(rows.map((row) => (row as { change: string }).change)).toEqual([
    'added',
    'changed',
    'removed',
    'added',
  ])
})

test('what the file manages is changed after it was taken over, and comes back to the file', async () => {
  const [camera] = await desk.list('camera')
  const body = { ...camera?.body, name: { zh: '壹', en: 'One' } }
  await expect(desk.save('camera', 'cam-1', { version: 1, body, reason: 'x' }, admin)).rejects.toMatchObject({
    code: 'state_conflict',
    details: { managedBy: 'file' },
  })
  await desk.hand('camera', 'cam-1', { version: 1, to: 'desk', reason: '调整' }, admin)
  await desk.save('camera', 'cam-1', { version: 2, body, reason: '改名' }, admin)
  expect(await applyConfig(database, configObjects(parseCity(CITY, 'city.yaml')), file)).toEqual([
    { kind: 'camera', id: 'cam-1', change: 'kept_by_desk', keys: ['name'] },
  ])
  await desk.hand('camera', 'cam-1', { version: 3, to: 'file', reason: '归还' }, admin)
  await applyConfig(database, configObjects(parseCity(CITY, 'city.yaml')), file)
  expect((await desk.list('camera'))[0]).toMatchObject({ managedBy: 'file', body: { name: { zh: '一号' } } })
})

test('nothing that would make the city invalid is kept, and the fault says where', async () => {
  const bad = { ...NEW_CAMERA, rules: [{ id: 'r', type: 'fire', zone: 'nowhere' }] }
  await expect(
    desk.save('camera', 'cam-2', { version: null, body: bad, reason: 'x' }, admin),
  ).rejects.toMatchObject({ code: 'config_invalid', details: { faults: [{ path: 'rules.0.zone' }] } })
  expect(await desk.check('camera', 'cam-2', { ...NEW_CAMERA, colour: 'red' })).toMatchObject([
    { path: 'colour', message: expect.stringContaining('unknown key'), rule: 'unknown_key' },
  ])
  expect(await desk.check('camera', 'cam-3', NEW_CAMERA)).toMatchObject([
    { path: 'id', message: expect.stringContaining('cam-3'), rule: 'id_differs', values: { id: 'cam-3' } },
  ])
  // A department that a route names.
  await desk.hand('department', 'market', { version: 1, to: 'desk', reason: 'x' }, admin)
  await expect(desk.remove('department', 'market', { version: 2, reason: 'x' }, admin)).rejects.toMatchObject(
    { code: 'config_invalid' },
  )
  expect((await desk.list('department')).map(({ id }) => id)).toContain('market')
})

test('a new route comes before the one without a condition, also after the file is applied again', async () => {
  await desk.save(
    'route',
    'kitchens',
    { version: null, body: { when: { purpose: ['kitchen'] }, lead: 'market' }, reason: 'x' },
    admin,
  )
  await applyConfig(database, configObjects(parseCity(CITY, 'city.yaml')), file)
  expect((await readConfig(database, 'route')).map(({ id }) => id)).toEqual([
    'route-001',
    'kitchens',
    'route-002',
  ])
})

test('only an admin, and only with a reason', async () => {
  const change = { version: null, body: NEW_CAMERA, reason: 'x' }
  await expect(desk.save('camera', 'cam-2', change, operator)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(desk.save('camera', 'cam-2', { ...change, reason: ' ' }, admin)).rejects.toMatchObject({
    code: 'invalid',
  })
  expect((await desk.list('camera')).map(({ id }) => id)).toEqual(['cam-1'])
})

test('of two that save the same version one wins', async () => {
  await desk.save('camera', 'cam-2', { version: null, body: NEW_CAMERA, reason: 'x' }, admin)
  const save = (name: string) =>
    desk.save(
      'camera',
      'cam-2',
      { version: 1, body: { ...NEW_CAMERA, name: { zh: name, en: name } }, reason: name },
      admin,
    )
  const results = await Promise.allSettled([save('a'), save('b')])
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})
