import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyConfig, configObjects, readConfig } from '../../adapters/postgres/config-store.ts'
import { createControlPlane } from '../../adapters/postgres/control-plane.ts'
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
const facts = (name: string) => ({ name, version: '0', model: null, endpoint: null })
const hold = async (worker: string, capacity: number) =>
  (await createControlPlane(database).hold(facts(worker), capacity, [])).cameras
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

describe('leases', () => {
  test('a camera has one holder, and every new holding a higher epoch', async () => {
    const plane = createControlPlane(database)
    const a = await hold('a', 10)
    expect(a.map((h) => [h.camera.id, h.epoch])).toEqual([
      ['cam-1', 1],
      ['cam-2', 1],
    ])
    expect(await hold('b', 10)).toEqual([])
    await plane.release('a', ['cam-2'])
    expect((await hold('b', 10)).map((h) => [h.camera.id, h.epoch])).toEqual([['cam-2', 2]])
    await plane.release('a', 'all')
    expect((await hold('a', 10)).map((h) => [h.camera.id, h.epoch])).toEqual([['cam-1', 2]])
  })

  test('ten workers race for one camera: one holds it', async () => {
    await database.query("update camera_leases set worker = '', until = now() - interval '1 hour'")
    const _plane = createControlPlane(database)
    const won = await Promise.all(Array.from({ length: 8 }, (_, i) => hold(`w${i}`, 1)))
    expect(
      won
        .flat()
        .map((h) => h.camera.id)
        .sort(),
    ).toEqual(['cam-1', 'cam-2'])
  })

  test('just after the database returned only the last holder renews', async () => {
    const _plane = createControlPlane(database)
    await database.query(
      "update camera_leases set worker = 'last', epoch = 7, until = now() - interval '1 second'",
    )
    // The test server has been up for less than 20 s, or this would be another worker's.
    const { rows } = await database.query<{ young: boolean }>(
      "select pg_postmaster_start_time() > now() - interval '20 s' as young",
    )
    if (rows[0]?.young) expect(await hold('other', 10)).toEqual([])
    const again = await hold('last', 10)
    expect(again.map((h) => h.epoch)).toEqual(rows[0]?.young ? [7, 7] : again.map((h) => h.epoch))
  })

  test('status of a camera held by another worker is not taken', async () => {
    const plane = createControlPlane(database)
    const _hold = async (worker: string, capacity: number) =>
      (await plane.hold(facts(worker), capacity, [])).cameras
    const status = {
      camera: 'cam-1',
      state: 'online',
      since: 1,
      attention: null,
      problem: null,
      codec: null,
      width: null,
      height: null,
      lastFrameAt: null,
      unavailable: [],
    } as const
    await database.query("update camera_leases set worker = 'a', until = now() + interval '1 minute'")
    await plane.hold(facts('z'), 0, [status])
    expect((await database.query('select * from camera_status')).rows).toEqual([])
    await plane.hold(facts('a'), 2, [status])
    expect((await database.query('select camera, worker from camera_status')).rows).toEqual([
      { camera: 'cam-1', worker: 'a' },
    ])
  })
})
