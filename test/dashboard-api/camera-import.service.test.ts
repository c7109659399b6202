import { afterAll, beforeAll, expect, test } from 'vitest'
import { importCheckShape } from '../../core/api/camera-import.ts'
import { listOfCameras } from '../support/camera-list.ts'
import type { Json } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'

let city: TestDashboard
beforeAll(async () => {
  city = await startDashboard()
})
afterAll(() => city[Symbol.asyncDispose]())

const HEADER = 'id,name_zh,purpose,url,address,rule_preset'
const check = async (text: string) => {
  const answer = await (await city.as('admin')).post('/api/cameras/import/check', { text })
  expect(answer.status).toBe(200)
  return importCheckShape.parse(await answer.json())
}
const versionsOf = ({ rows }: Awaited<ReturnType<typeof check>>) =>
  Object.fromEntries(rows.flatMap(({ id, version }) => (version === null ? [] : [[id, version]])))
const save = async (text: string, rightOnly: boolean, versions: object = {}) =>
  (await city.as('admin')).post('/api/cameras/import', { text, rightOnly, versions, reason: '批量接入' })
const count = async (sql: string) => {
  const { rows } = await city.database.query<{ n: number }>(`select count(*)::int as n from ${sql}`)
  return rows[0]?.n
}

test('of 500 lines with seven faults nothing is saved until the right ones are asked for; then all of those, at once', async () => {
  const { text, faults } = listOfCameras(500)
  const seen = await check(text)
  expect(seen.faults.map(({ line, column, code }) => ({ line, column, code }))).toEqual(faults)
  expect(seen.rows).toHaveLength(493)
  expect(seen.rows.every(({ change, version }) => change === 'added' && version === null)).toBe(true)

  const refused = await save(text, false)
  expect(refused.status).toBe(422)
  const problem = (await refused.json()) as Json
  expect(problem).toMatchObject({ code: 'config_invalid', details: { why: 'import_faults', n: 7 } })
  expect(problem.details.faults).toHaveLength(7)
  expect(await count("config_objects where id like 'list-%'")).toBe(0)

  const saved = await save(text, true)
  expect(await saved.json()).toEqual({ added: 493, changed: 0, same: 0, left: 7 })
  expect(await count("config_objects where id like 'list-%' and managed_by = 'desk'")).toBe(493)
  expect(
    await count("config_versions where id like 'list-%' and actor = 'admin' and reason = '批量接入'"),
  ).toBe(493)
  expect(await count("changes where topic = 'config' and key like 'camera/list-%'")).toBe(493)
  expect(await (await city.as('operator')).json('/api/cameras/list-0002')).toMatchObject({
    name: { zh: '学府路 0002 号' },
  })
  // Once more: it is all there already, and no version is written for nothing.
  const again = await check(text)
  expect(new Set(again.rows.map(({ change }) => change))).toEqual(new Set(['same']))
  expect(await (await save(text, true, versionsOf(again))).json()).toMatchObject({ added: 0, same: 493 })
  expect(await count("config_versions where id like 'list-%'")).toBe(493)
})

test('a camera that exists is shown as a change; another’s change in between refuses the whole list', async () => {
  const line = (id: string, name: string) => `${id},${name},public_safety,rtsp://10.2.0.1/${id},,street`
  expect((await save([HEADER, line('m-1', '一'), line('m-2', '二')].join('\n'), false)).status).toBe(200)
  const text = [HEADER, line('m-1', '一号'), line('m-2', '二'), line('m-3', '三')].join('\n')
  const seen = await check(text)
  expect(seen.rows.map(({ id, change, keys }) => [id, change, keys])).toEqual([
    ['m-1', 'changed', ['name']],
    ['m-2', 'same', []],
    ['m-3', 'added', []],
  ])
  const admin = await city.as('admin')
  const [{ body }] = (await admin.json('/api/config/camera')).items.filter(
    ({ id }: { id: string }) => id === 'm-1',
  )
  const other = { version: 1, body: { ...body, masking: 'frame' }, reason: '改' }
  expect((await admin.post('/api/config/camera/m-1', other)).status).toBe(200)
  const late = await save(text, false, versionsOf(seen))
  expect(late.status).toBe(409)
  expect(await late.json()).toMatchObject({ code: 'version_conflict', details: { version: 2 } })
  expect(await count("config_objects where id = 'm-3'")).toBe(0)
  expect(await (await save(text, false, versionsOf(await check(text)))).json()).toEqual({
    ...{ added: 1, changed: 1, same: 1, left: 0 },
  })
})

test('what the city file manages is left to it, and an end without a single right line saves nothing', async () => {
  const text = `${HEADER}\nkitchen,后厨,kitchen,rtsp://10.0.0.9/stream1,,\n`
  expect((await check(text)).faults).toMatchObject([{ line: 2, column: 'id', code: 'file_managed' }])
  expect((await save(text, false)).status).toBe(422)
  expect(await (await save(text, true)).json()).toMatchObject({ code: 'invalid' })
  expect((await check('\n')).faults).toMatchObject([{ code: 'no_lines' }])
})

test('2,000 lines go in one transaction; what was taken out is listed with who and why', async () => {
  const lines = Array.from(
    { length: 2_000 },
    (_, i) => `big-${i},摄像机 ${i},environment,rtsp://10.3.0.1/${i},学府路,environment`,
  )
  const saved = await save([HEADER, ...lines].join('\n'), false)
  expect(await saved.json()).toMatchObject({ added: 2_000, left: 0 })
  const { rows } = await city.database.query<{ n: number }>(
    "select count(distinct xmin::text)::int as n from config_objects where id like 'big-%'",
  )
  expect(rows[0]?.n).toBe(1)
  const admin = await city.as('admin')
  expect((await admin.post('/api/config/camera/big-7/remove', { version: 1, reason: '拆除' })).status).toBe(
    204,
  )
  const auditor = await city.as('auditor')
  expect((await auditor.json('/api/config/camera/removed')).items).toMatchObject([
    { id: 'big-7', version: 2, actor: 'admin', reason: '拆除', body: { name: { zh: '摄像机 7' } } },
  ])
})

test('what the cells alone do not show is told by its rule, for words in any language', async () => {
  const purpose = (value: string) =>
    city.database.query(
      `update config_objects set body = jsonb_set(body, '{purpose}', to_jsonb($1::text)) where id = 'works-chimney'`,
      [value],
    )
  await purpose('traffic')
  const { faults } = await check(`${HEADER}\nnorth-gate,北门,public_safety,rtsp://10.4.0.1/1,,\n`)
  await purpose('environment')
  expect(faults).toMatchObject([
    {
      ...{ line: 1, column: null, code: 'schema' },
      schema: { path: expect.stringMatching(/^cameras\.\d+\.purpose$/), rule: 'choice' },
    },
  ])
})
