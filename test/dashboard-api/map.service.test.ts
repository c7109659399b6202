import { rm, writeFile } from 'node:fs/promises'
import { PMTiles, type Source } from 'pmtiles'
import { expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { toDatum } from '../../core/datum.ts'
import type { Browser, Json } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'
import { archiveFile, BOUNDS, placeCity, rasterArchive } from './map-city.ts'
import { insertAlert } from './matters.ts'

/** Each reading is of a city that was applied just now. */
const impatient = () => {
  let now = Date.now()
  return { ...systemClock, now: () => (now += 3_000) }
}
const start = (): Promise<TestDashboard> => startDashboard({ clock: impatient() })

/** The archive as a browser reads it: parts, by HTTP Range. */
const sourceOf = (browser: Browser, url: string): Source => ({
  getKey: () => url,
  async getBytes(offset, length) {
    const answer = await browser.fetch(url, { headers: { Range: `bytes=${offset}-${offset + length - 1}` } })
    expect(answer.status).toBe(206)
    return { data: await answer.arrayBuffer() }
  },
})

test('serves the archive that the city file names in parts, to people who are logged in', async () => {
  await using city = await start()
  const archive = await rasterArchive(9, {
    attribution: '<a href="https://x.example">&copy; 示例 &amp; 测绘</a>',
  })
  await using file = await archiveFile(archive)
  await placeCity(city, { file: file.path, datum: 'WGS-84', approval: '冀S(2026)001号' })
  expect((await city.browser().get('/api/map')).status).toBe(401)
  const officer = await city.as('officer')
  const { datum, base }: Json = await officer.json('/api/map')
  expect(datum).toBe('WGS-84')
  expect(base).toMatchObject({
    ...{ state: 'ready', tiles: 'raster', minZoom: 0, maxZoom: 9, bounds: [...BOUNDS], layers: [] },
    ...{ attribution: '© 示例 & 测绘', approval: '冀S(2026)001号' },
  })
  expect((await city.browser().get(base.url)).status).toBe(401)
  const tiles = new PMTiles(sourceOf(officer, base.url))
  const tile = await tiles.getZxy(9, 418, 197)
  expect(Buffer.from(tile?.data ?? new ArrayBuffer(0)).toString('latin1', 1, 4)).toBe('PNG')
  const beyond = await officer.fetch(base.url, { headers: { Range: `bytes=${archive.length + 5}-` } })
  expect(beyond.status).toBe(400)
  const whole = await officer.fetch(base.url)
  expect(whole.headers.get('cache-control')).toMatch(/^private/)
  expect(Buffer.from(await whole.arrayBuffer()).equals(archive)).toBe(true)
  // A newer map is another address: nobody mixes two of them.
  await writeFile(file.path, await rasterArchive(8, {}))
  const after: Json = await officer.json('/api/map')
  expect(after.base).toMatchObject({ state: 'ready', maxZoom: 8, attribution: null })
  expect(after.base.url).not.toBe(base.url)
})

test('says what is wrong with a base map, and that there is none', async () => {
  await using city = await start()
  const operator = await city.as('operator')
  await placeCity(city)
  expect(await operator.json('/api/map')).toEqual({ datum: 'GCJ-02', base: { state: 'none' } })
  const none = await operator.get('/api/map/base.pmtiles')
  expect([none.status, ((await none.json()) as Json).detail]).toEqual([
    404,
    expect.stringContaining('city.map.file'),
  ])
  const raster = await rasterArchive(0, {})
  const cases: readonly (readonly [string, Buffer])[] = [
    ['not_pmtiles', Buffer.from('PMTiles')],
    ['not_pmtiles', Buffer.concat([Buffer.from('PMTiles\x02'), Buffer.alloc(300)])],
    ['not_pmtiles', raster.subarray(0, 140)],
    ['unknown_tiles', Buffer.from(raster).fill(0, 99, 100)],
    ['not_pmtiles', Buffer.from(raster).fill(0, 102, 118)],
  ]
  for (const [why, bytes] of cases) {
    await using file = await archiveFile(bytes)
    await placeCity(city, { file: file.path, datum: 'WGS-84' })
    expect(await operator.json('/api/map')).toEqual({
      datum: 'WGS-84',
      base: { state: 'failed', why, file: 'city.pmtiles' },
    })
    expect((await operator.get('/api/map/base.pmtiles')).status).toBe(404)
    await rm(file.path)
    expect((await operator.json('/api/map')).base.why).toBe('missing')
    await placeCity(city, { file: '/', datum: 'WGS-84' })
    expect((await operator.json('/api/map')).base.why).toBe('unreadable')
  }
})

test('gives each what the lists give, with points in the datum of the base map', async () => {
  await using city = await start()
  await using file = await archiveFile(await rasterArchive(0, {}))
  await placeCity(city, { file: file.path, datum: 'WGS-84' })
  const { database } = city
  const [own, foreign, gone, rejected] = [
    await insertAlert(database),
    await insertAlert(database, { camera: 'kitchen', purpose: 'kitchen' }),
    await insertAlert(database),
    await insertAlert(database),
  ]
  await database.query("update alerts set state = 'resolved', resolved_at = now() where id = $1", [gone])
  const operator = await city.as('operator')
  const judged = await operator.post(`/api/alerts/${rejected}/verdict`, {
    ...{ verdict: 'rejected', reason: 'light_or_weather' },
  })
  expect(judged.status).toBe(200)
  const fileCase = async (alertId: string): Promise<string> =>
    ((await (await operator.post('/api/cases', { alertId })).json()) as Json).no
  const [no, foreignNo] = [await fileCase(own), await fileCase(foreign)]
  const keys = (answer: Json): string[] =>
    answer.items.map(({ kind, id }: Json) => `${kind}:${id}`).toSorted()
  const all: Json = await operator.json('/api/map/items')
  expect(keys(all)).toEqual(
    [
      `alert:${own}`,
      `alert:${foreign}`,
      `case:${no}`,
      `case:${foreignNo}`,
      'camera:kitchen',
      'camera:works-chimney',
    ].toSorted(),
  )
  expect(all.total).toEqual({ alerts: 2, cases: 2 })
  // The city writes GCJ-02; the map is WGS-84.
  const wgs = toDatum({ lon: 114.48, lat: 38.03 }, 'GCJ-02', 'WGS-84')
  for (const kind of ['alert', 'case', 'camera']) {
    const one = all.items.find(({ kind: k, name }: Json) => k === kind && name.en === 'Chimney 3')
    expect(one.point).toEqual([wgs.lon, wgs.lat])
  }
  const officer: Json = await (await city.as('officer')).json('/api/map/items')
  expect(keys(officer)).toEqual([`alert:${own}`, `case:${no}`, 'camera:works-chimney'].toSorted())
  expect(officer.total).toEqual({ alerts: 1, cases: 1 })
  // Engineers see the machine, not the cases.
  const admin: Json = await (await city.as('admin')).json('/api/map/items')
  expect(admin.items.filter(({ kind }: Json) => kind === 'case')).toEqual([])
  expect(admin.total.alerts).toBe(2)
})
