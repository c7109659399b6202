import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyConfig, configObjects, readConfig } from '../../adapters/postgres/config-store.ts'
import { parseCity } from '../../core/config/parse.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const CITY = `
city: { name: 示例市 }
departments:
  - { id: ecology, name: { zh: 生态环境局, en: Ecology bureau } }
cameras:
  - { id: cam-1, name: { zh: 一号, en: One }, purpose: environment, url: "rtsp://127.0.0.1/1" }
  - { id: cam-2, name: { zh: 二号, en: Two }, purpose: environment, url: "rtsp://127.0.0.1/2" }
routes:
  - { lead: ecology }
`
const options = { actor: 'test', reason: 'test', write: true }
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

describe('apply', () => {
  test('adds, is idempotent, changes, removes, and leaves the desk alone', async () => {
    const wanted = configObjects(parseCity(CITY, 'city.yaml'))
    const preview = await applyConfig(database, wanted, { ...options, write: false })
    expect(preview.map((c) => `${c.change} ${c.kind}/${c.id}`)).toContain('added camera/cam-1')
    expect(await readConfig(database, 'camera')).toEqual([])

    await applyConfig(database, wanted, options)
    expect(await applyConfig(database, wanted, options)).toEqual([])

    const without = configObjects(
      parseCity(CITY.replace(/.*cam-2.*\n/, '').replace('一号', '壹号'), 'city.yaml'),
    )
    expect(await applyConfig(database, without, options)).toEqual([
      { kind: 'camera', id: 'cam-1', change: 'changed', keys: ['name'] },
      { kind: 'camera', id: 'cam-2', change: 'removed', keys: [] },
    ])
    expect((await readConfig(database, 'camera')).map((c) => [c.id, c.version])).toEqual([['cam-1', 2]])

    await database.query("update config_objects set managed_by = 'desk' where id = 'cam-1'")
    expect(await applyConfig(database, wanted, options)).toEqual([
      { kind: 'camera', id: 'cam-1', change: 'kept_by_desk', keys: ['name'] },
      { kind: 'camera', id: 'cam-2', change: 'added', keys: expect.any(Array) },
    ])
    const versions = await database.query(
      'select version, body is null as gone from config_versions where id = $1 order by version',
      ['cam-2'],
    )
    expect(versions.rows).toEqual([
      { version: 1, gone: false },
      { version: 2, gone: true },
      { version: 3, gone: false },
    ])
  })
})

test('apply refuses a new user whose name reads as the machine, and leaves one of before', async () => {
  const wanted = (name: string) =>
    configObjects(
      parseCity(
        `${CITY}users:\n  - { name: ${name}, roles: [auditor], passwordFile: secret }\n`,
        'city.yaml',
      ),
    )
  const refusal = { code: 'config_invalid', details: { faults: [{ path: 'name', rule: 'reserved_name' }] } }
  await expect(applyConfig(database, wanted('Timer'), options)).rejects.toMatchObject(refusal)
  expect(await readConfig(database, 'user')).toEqual([])
  await database.query(
    `insert into config_objects (kind, id, managed_by, version, body) values ('user', 'timer', 'file', 1, '{"name": "timer"}')`,
  )
  await applyConfig(database, wanted('timer'), options)
  expect(await readConfig(database, 'user')).toMatchObject([{ id: 'timer', version: 2 }])
})
