import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import yauzl from 'yauzl'
import { systemClock } from '../../adapters/clock.ts'
import { createMetrics } from '../../adapters/metrics.ts'
import { applyConfig, configObjects } from '../../adapters/postgres/config-store.ts'
import { createCaseCommands } from '../../alerts/cases/commands.ts'
import type { Actor } from '../../core/actor.ts'
import { citySchema } from '../../core/config/city.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { CASE_FIGURES, PARTS } from '../../core/statistics/figures.ts'
import { isInPart } from '../../core/statistics/judge.ts'
import { PEOPLE, PHOTO } from '../core/case-fixture.ts'
import { BY_DEPARTMENT, CASES, HOUR, NOW, TOTAL } from '../core/statistics/cases.ts'
import { silentLog } from '../support/log.ts'
import type { Browser, Json } from './browser.ts'
import { CITY, startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert } from './matters.ts'

const EVIL = '=HYPERLINK("http://evil.example","x")'
const SPAN = 'from=2026-10-01&to=2026-11-20'

let now = NOW
const clock: Clock = { ...systemClock, now: () => now }
let city: TestDashboard
let operator: Browser
/** Number of each case of the hand-judged set, in its order. */
let numbers: readonly string[] = []

beforeAll(async () => {
  city = await startDashboard({ clock })
  const { database } = city
  // No route: each case is dispatched by hand, in time or not. The chimney stands in a grid.
  const raw = JSON.parse(JSON.stringify({ ...CITY, routes: [], users: [], cameras: [] })) as object
  const cameras = CITY.cameras.map((camera) => ({
    ...camera,
    place: camera.id === 'works-chimney' ? { address: '学府路 1 号', grid: '130104-017' } : camera.place,
  }))
  const parsed = { ...citySchema.parse(raw), users: CITY.users, cameras }
  const ecology = parsed.departments.find(({ id }) => id === 'ecology')
  if (ecology) ecology.name.zh = EVIL
  await applyConfig(database, configObjects(parsed), { actor: 'test', reason: 'test', write: true })
  // One commit for all of it: hundreds of small ones take a minute on a busy disk.
  await database.transaction(fileCases)
  now = NOW
  operator = await city.as('operator')
})
afterAll(() => city[Symbol.asyncDispose]())

/** The hand-judged cases through the real commands, and two just outside the period. */
async function fileCases(tx: Queryable): Promise<void> {
  const commands = createCaseCommands({
    ...{ clock, log: silentLog, metrics: createMetrics(), channelKinds: [], publicUrl: null },
    database: { ...city.database, query: tx.query, transaction: (work) => work(tx) },
    jobs: { send: async () => undefined },
  })
  const file = async (type: string, camera: string | null, filedAt: number): Promise<string> => {
    now = filedAt
    const filing = { type, place: 'there', note: 'x', ...(camera && { camera }) }
    return (await commands.file(filing, PEOPLE.operator)).no
  }
  const made: string[] = []
  for (const each of CASES) {
    const no = await file(each.type, each.camera, each.filedAt)
    made.push(no)
    for (const { at, command, actor } of each.steps) {
      now = each.filedAt + at * HOUR
      const { rows } = await tx.query<{ version: number }>('select version from cases where no = $1', [no])
      const asked = { ...(await withPhoto(tx, no, command, actor)), version: rows[0]?.version }
      await commands.execute(no, asked, actor)
    }
  }
  numbers = made
  // The last second of September and the first of the 21st, as the city's clocks say.
  await file('litter', null, Date.parse('2026-09-30T15:59:59Z'))
  await file('litter', null, Date.parse('2026-11-20T16:00:00Z'))
}

/** A report, a passed verification and an extension name a picture of their own case, uploaded just now. */
async function withPhoto(
  tx: Queryable,
  no: string,
  command: Readonly<Record<string, unknown>>,
  actor: Actor,
) {
  const { kind } = command
  if (kind !== 'report' && kind !== 'extend' && !(kind === 'verify' && command.passed)) return command
  const id = randomUUID()
  await tx.query(
    `insert into evidence (id, owner_kind, owner_id, kind, variant, sha256, bytes, media_type, created_by,
       created_at)
     values ($1, 'case', $2, 'attachment', 'original', $3, 1, 'image/jpeg', $4, $5)`,
    [id, no, `${PHOTO}${id}`, actor.name, new Date(now)],
  )
  return { ...command, attachments: [id] }
}

const asPairs = ({ voided, figures }: Json) => ({
  voided,
  ...Object.fromEntries(
    CASE_FIGURES.map((name) => [name, [figures[name].numerator, figures[name].denominator]]),
  ),
})
const ask = (query: string, browser = operator) => browser.json(`/api/statistics?${SPAN}&${query}`)
const rowsOf = (answer: Json) => Object.fromEntries(answer.rows.map((row: Json) => [row.key, row]))

test('the figures of the hand-judged cases, from the logs that the commands wrote', async () => {
  const answer = await ask('by=department')
  expect(answer).toMatchObject({
    from: '2026-10-01',
    to: '2026-11-20',
    timezone: 'Asia/Shanghai',
    at: new Date(NOW).toISOString(),
    limitedTo: null,
    dispatchLimitMs: HOUR,
  })
  expect(asPairs(answer.total)).toEqual(TOTAL)
  const rows = rowsOf(answer)
  expect(Object.keys(rows)).toEqual(['ecology', 'market', '~'])
  for (const [key, expected] of Object.entries(BY_DEPARTMENT)) expect(asPairs(rows[key])).toEqual(expected)
  expect(rows.market.name).toEqual({ zh: '市场监管局', en: 'Market supervision' })
  expect(rows.market.figures.falseAlarm).toBeNull()
})

test('by type, grid, month and day the rows add up to the same', async () => {
  const filed = async (by: string) =>
    Object.fromEntries(
      (await ask(`by=${by}`)).rows.map((row: Json) => [row.key, row.figures.filed.numerator]),
    )
  expect(await filed('type')).toEqual({ plume: 22, litter: 10 })
  expect(await filed('grid')).toEqual({ '130104-017': 5, '~': 27 })
  // In November: those that are told in hours before now; the two voided ones are of October.
  expect(await filed('month')).toEqual({ '2026-10': 21, '2026-11': 11 })
  const days = await ask('by=day')
  expect(days.rows.map((row: Json) => row.key)).toEqual(days.rows.map((row: Json) => row.key).toSorted())
  expect(days.rows.reduce((sum: number, row: Json) => sum + row.figures.filed.numerator, 0)).toBe(32)
  // 08:00 of the city on the 2nd
  expect(days.rows[0]).toMatchObject({
    key: '2026-10-02',
    figures: { handled: { numerator: 1, denominator: 1 } },
  })
  const only = await ask('by=type&department=market')
  expect(asPairs(only.total)).toEqual(BY_DEPARTMENT.market)
})

test('each figure opens exactly its cases, page by page', async () => {
  const listed = async (query: string, limit = 7): Promise<string[]> => {
    const items: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const page: Json = await operator.json(
        `/api/statistics/cases?${SPAN}&limit=${limit}&${query}${next && `&cursor=${next}`}`,
      )
      expect(page.items.length).toBeLessThanOrEqual(limit)
      items.push(...page.items.map((item: Json) => item.no))
      next = page.next
    }
    return items
  }
  for (const figure of CASE_FIGURES) {
    for (const part of PARTS) {
      const expected = numbers.filter((_, index) => {
        const each = CASES[index]
        return each && isInPart(each, figure, part)
      })
      expect((await listed(`figure=${figure}&part=${part}`)).toSorted(), `${figure} ${part}`).toEqual(
        expected.toSorted(),
      )
    }
  }
  const ours = numbers.filter((_, index) => CASES[index]?.lead === 'market')
  expect((await listed('figure=handled&part=numerator&by=department&key=market', 2)).toSorted()).toEqual(
    ours.toSorted(),
  )
  expect(await listed('figure=closed&part=numerator&by=department&key=~')).toEqual([])
  const all = await listed('figure=filed&part=denominator', 200)
  expect(all).toHaveLength(32)
  expect(await listed('figure=filed&part=denominator', 5)).toEqual(all)
})

test('an officer sees the own department and nothing of others; engineers and verifiers see none', async () => {
  const officer = await city.as('market.officer')
  const answer = await ask('by=department', officer)
  expect(answer.limitedTo).toEqual({ id: 'market', name: { zh: '市场监管局', en: 'Market supervision' } })
  expect(answer.rows.map((row: Json) => row.key)).toEqual(['market'])
  expect(asPairs(answer.total)).toEqual(BY_DEPARTMENT.market)
  expect(answer.total.figures.falseAlarm).toBeNull()
  expect((await ask('by=department&department=ecology', officer)).rows).toEqual([])
  const foreign = await officer.json(`/api/statistics/cases?${SPAN}&figure=filed&by=department&key=ecology`)
  expect(foreign.items).toEqual([])
  for (const path of ['/api/statistics/alarms', '/api/statistics/alerts'])
    expect((await officer.get(path)).status).toBe(403)
  for (const name of ['admin', 'verifier'])
    for (const path of ['/api/statistics', '/api/statistics.xlsx', '/api/statistics/cases'])
      expect((await (await city.as(name)).get(path)).status, `${name} ${path}`).toBe(403)
  for (const name of ['investigator', 'auditor'])
    expect(asPairs((await ask('by=type', await city.as(name))).total)).toEqual(TOTAL)
})

test('false alarms are counted of judged alerts, and listed', async () => {
  const { database } = city
  const made: string[] = []
  const alert = async (
    verdict: 'confirmed' | 'rejected' | null,
    at: string,
    rule: string,
    camera = 'kitchen',
  ) => {
    const id = await insertAlert(database, { camera, rule, type: 'open_bin', openedAt: new Date(at) })
    made.push(id)
    await database.query("update alerts set state = 'resolved', resolved_at = opened_at where id = $1", [id])
    if (verdict)
      await database.query(
        `update alerts set verdict = $2, verdict_reason = 'light_or_weather', verdict_by = 'operator', verdict_at = $3
          where id = $1`,
        [id, verdict, new Date(at)],
      )
    return id
  }
  const one = await alert('rejected', '2026-11-03T02:00:00Z', 'bin')
  const two = await alert('rejected', '2026-11-04T02:00:00Z', 'bin')
  await alert('confirmed', '2026-11-05T02:00:00Z', 'bin')
  await alert(null, '2026-11-06T02:00:00Z', 'bin-2')
  const three = await alert('rejected', '2026-10-31T16:30:00Z', 'plume', 'works-chimney') // 1 November, 00:30
  await alert('rejected', '2026-09-30T15:59:00Z', 'bin') // September
  const answer = await ask('by=month')
  expect(answer.total.figures.falseAlarm).toEqual({ numerator: 3, denominator: 4 })
  expect(rowsOf(answer)['2026-11'].figures.falseAlarm).toEqual({ numerator: 3, denominator: 4 })
  expect(rowsOf(answer)['2026-10'].figures.falseAlarm).toEqual({ numerator: 0, denominator: 0 })
  expect(rowsOf(await ask('by=type')).open_bin.figures).toMatchObject({
    filed: { numerator: 0, denominator: 0 },
    falseAlarm: { numerator: 3, denominator: 4 },
  })
  const ids = async (query: string) =>
    (await operator.json(`/api/statistics/alerts?${SPAN}&${query}`)).items.map((item: Json) => item.id)
  expect(await ids('part=numerator')).toEqual([two, one, three])
  expect(await ids('part=denominator')).toHaveLength(4)
  expect(await ids('part=rest')).toHaveLength(1)
  expect(await ids('part=numerator&source=kitchen&rule=bin')).toEqual([two, one])
  expect(await ids('part=numerator&by=day&key=2026-11-01')).toEqual([three])
  expect(await ids('part=numerator&by=grid&key=~')).toEqual([two, one, three])
  const wrong = await operator.get(`/api/statistics/alerts?${SPAN}&by=department&key=market`)
  expect(wrong.status).toBe(422)

  const { falseAlarms } = await operator.json(`/api/statistics/alarms?${SPAN}`)
  expect(falseAlarms).toEqual([
    {
      ...{ source: 'kitchen', sourceName: { zh: '后厨', en: 'Kitchen' }, rule: 'bin', type: 'open_bin' },
      share: { numerator: 2, denominator: 3 },
    },
    {
      ...{
        source: 'works-chimney',
        sourceName: { zh: '三号烟囱', en: 'Chimney 3' },
        rule: 'plume',
        type: 'open_bin',
      },
      share: { numerator: 1, denominator: 1 },
    },
  ])
  await database.query('delete from alerts where id = any($1)', [made])
})

test('alarms per operator and ten minutes, of one day', async () => {
  const { database } = city
  const made: string[] = []
  const alerts = async (count: number, at: string, by: string | null) => {
    for (let n = 0; n < count; n++) {
      const id = await insertAlert(database, { openedAt: new Date(Date.parse(at) + n * 1_000) })
      made.push(id)
      if (by && n === 0)
        await database.query('update alerts set acknowledged_by = $2, acknowledged_at = $3 where id = $1', [
          id,
          by,
          new Date(at),
        ])
    }
  }
  // Two were at work from 08:00 of the city's 2 August on: an operator, and an investigator, who is none.
  await alerts(11, '2026-08-02T00:00:00Z', 'operator')
  await alerts(6, '2026-08-02T00:10:00Z', 'investigator')
  await alerts(4, '2026-08-02T00:20:00Z', null)
  await database.query("update alerts set suppressed_by = 'duplicate' where id = $1", [made.at(-1)])
  const { load } = await operator.json('/api/statistics/alarms?from=2026-08-02&to=2026-08-02')
  expect(load).toEqual({
    alarms: 20,
    windows: 144,
    unattended: 138,
    median: 0,
    max: 11,
    flooded: 2,
    busiest: { at: '2026-08-02T00:00:00.000Z', alarms: 11, operators: 1 },
  })
  await database.query('delete from alerts where id = any($1)', [made])
})

test('a period is days of the city, this month when nothing is asked, and bounded', async () => {
  expect(await operator.json('/api/statistics?by=type')).toMatchObject({
    from: '2026-11-01',
    to: '2026-11-20',
  })
  for (const wrong of [
    'from=2026-11-02&to=2026-11-01',
    'from=2025-01-01&to=2026-11-20',
    'from=yesterday',
    'by=person',
  ])
    expect((await operator.get(`/api/statistics?${wrong}`)).status, wrong).toBe(422)
  expect((await operator.json('/api/statistics?from=2026-01-01&to=2026-01-31&by=type')).rows).toEqual([])
})

test('the spreadsheet has the same numbers, names that stay texts, and no formula', async () => {
  const answer = await operator.get(`/api/statistics.xlsx?${SPAN}&by=department`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-disposition')).toBe(
    'attachment; filename="statistics-department-2026-10-01-2026-11-20.xlsx"',
  )
  const files = await unzip(Buffer.from(await answer.arrayBuffer()))
  const all = [...files.values()].join('')
  expect(all).not.toMatch(/<f[ >]/)
  expect([...files.keys()].filter((name) => /externalLink|hyperlink/i.test(name))).toEqual([])
  expect(all).toContain('HYPERLINK(')
  const sheet = files.get('xl/worksheets/sheet1.xml') ?? ''
  // 16 of 24 handled in time
  expect(sheet).toContain(`<v>${16 / 24}</v>`)
  expect(sheet).toContain('<v>24</v>')
  const english = await unzip(
    Buffer.from(await (await operator.get(`/api/statistics.xlsx?${SPAN}&by=month&lang=en`)).arrayBuffer()),
  )
  expect([...english.values()].join('')).not.toMatch(/\p{Script=Han}/u)
})

function unzip(bytes: Buffer): Promise<Map<string, string>> {
  return new Promise((resolve, reject) => {
    yauzl.fromBuffer(bytes, { lazyEntries: true }, (failure, zip) => {
      if (failure || !zip) return reject(failure)
      const files = new Map<string, string>()
      zip.on('entry', (entry: yauzl.Entry) => {
        zip.openReadStream(entry, (error, stream) => {
          if (error || !stream) return reject(error)
          const chunks: Buffer[] = []
          stream.on('data', (chunk: Buffer) => chunks.push(chunk))
          stream.on('end', () => {
            files.set(entry.fileName, Buffer.concat(chunks).toString('utf8'))
            zip.readEntry()
          })
        })
      })
      zip.on('end', () => resolve(files))
      zip.readEntry()
    })
  })
}
