import { afterAll, beforeAll, expect, test } from 'vitest'
import { unzip } from '../support/zip.ts'
import type { Browser, Json } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert } from './matters.ts'

const HOUR = 3_600_000
let city: TestDashboard
let operator: Browser
let officer: Browser
/** Cases of `ecology` by the hours that they have left, and one of `market`. */
const no: Record<string, string> = {}

const file = async (name: string, more: { purpose?: string } = {}) => {
  const alertId = await insertAlert(city.database, more)
  const answer = await operator.post('/api/cases', { alertId })
  no[name] = ((await answer.json()) as Json).no
}
/** Puts the clock of a case, as the writer of cases would have stored it. */
const due = (name: string, kind: string, hours: number, state: string) => {
  const at = new Date(Date.now() + hours * HOUR)
  const column = (each: string) => (each === kind ? at : null)
  return city.database.query(
    `update cases set state = $2, accept_due_at = $3, handle_due_at = $4, check_due_at = $5,
            body = body || jsonb_build_object('state', $2::text, 'clock',
              jsonb_build_object('kind', $6::text, 'round', 1, 'startedAt', 0, 'dueAt', $7::float8)) where no = $1`,
    [no[name], state, column('accept'), column('handle'), column('check'), kind, at.getTime()],
  )
}

beforeAll(async () => {
  city = await startDashboard()
  operator = await city.as('operator')
  officer = await city.as('officer')
  for (const name of ['late', 'soon', 'calm', 'fresh', 'check', 'still']) await file(name)
  await file('market', { purpose: 'kitchen' })
  await due('late', 'handle', -3, 'handling')
  await due('soon', 'handle', 2, 'handling')
  await due('calm', 'handle', 60, 'handling')
  await due('fresh', 'accept', 1.5, 'pending_accept')
  await due('check', 'check', 20, 'pending_check')
  // A clock that stands stands at the end.
  await city.database.query(
    'update cases set accept_due_at = null, state = \'pending_close\', body = body || \'{"state":"pending_close","clock":null}\' where no = $1',
    [no.still],
  )
})
afterAll(() => city[Symbol.asyncDispose]())

const names = (items: readonly Json[]) =>
  items.map((item) => Object.keys(no).find((name) => no[name] === item.no) ?? item.no)

test('by time left, page after page, least first and without a clock last', async () => {
  const wanted = ['late', 'fresh', 'soon', 'check', 'calm', 'still']
  expect(names((await officer.json('/api/cases?sort=due')).items)).toEqual(wanted)
  const seen: Json[] = []
  let next: string | null = ''
  while (next !== null) {
    const page: Json = await officer.json(`/api/cases?sort=due&limit=2${next && `&cursor=${next}`}`)
    seen.push(...page.items)
    next = page.next
  }
  expect(names(seen)).toEqual(wanted)
})

test('groups, their counts and the search agree, and an officer counts the own department only', async () => {
  const group = async (name: string) => names((await officer.json(`/api/cases?sort=due&group=${name}`)).items)
  expect(await group('accept')).toEqual(['fresh'])
  expect(await group('handling')).toEqual(['late', 'soon', 'calm'])
  expect(await group('soon')).toEqual(['soon'])
  expect(await group('overdue')).toEqual(['late'])
  expect(await group('check')).toEqual(['check'])
  const counts = { open: 6, accept: 1, handling: 3, soon: 1, overdue: 1, check: 1 }
  expect(await officer.json('/api/cases/counts')).toEqual(counts)
  expect(await operator.json('/api/cases/counts')).toMatchObject({ open: 7, accept: 2 })
  expect(await operator.json('/api/cases/counts?department=ecology')).toEqual(counts)
  expect(await officer.json('/api/cases/counts?department=market')).toMatchObject({ open: 0 })
  expect(names((await officer.json(`/api/cases?q=${no.soon}`)).items)).toEqual(['soon'])
  expect((await officer.json('/api/cases?q=%25')).items).toEqual([]) // a per cent sign is a letter
  expect((await officer.get('/api/cases?group=nonsense')).status).toBe(422)
})

test('the workbook has the rows of the list, its total, and nothing in it is a formula', async () => {
  const hostile = [
    '=HYPERLINK("http://evil.example","x")',
    '+1+1',
    '-2',
    '@SUM(A1)',
    '\tx',
    '<b>&"',
    'a\u0001b',
    '𠮷👩‍🚒',
  ]
  const placed: string[] = []
  for (const place of hostile) {
    const answer = await operator.post('/api/cases', { type: 'litter', place, note: 'n' })
    if (answer.status === 201) placed.push(((await answer.json()) as Json).no)
  }
  expect(placed.length).toBeGreaterThanOrEqual(7)
  const answer = await officer.get('/api/cases.xlsx?sort=due')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-disposition')).toMatch(
    /^attachment; filename="cases-\d{4}-\d\d-\d\d\.xlsx"$/,
  )
  const total = Number(answer.headers.get('x-total-count'))
  expect(total).toBe((await officer.json('/api/cases?limit=200')).items.length)
  const files = await unzip(Buffer.from(await answer.arrayBuffer()))
  const sheet = String(files['xl/worksheets/sheet1.xml'])
  const strings = String(files['xl/sharedStrings.xml'] ?? '')
  expect(sheet).not.toMatch(/<f[ >]/)
  // Every cell of the place column is a text (shared or inline), whatever it begins with.
  const places = [...sheet.matchAll(/<c r="D\d+"([^>]*)>/g)].map((cell) => cell[1] ?? '')
  // The heading and every place that is not empty.
  expect(places.length).toBe(placed.length + 1)
  for (const attributes of places) expect(attributes).toMatch(/t="(s|inlineStr|str)"/)
  const text = strings + sheet
  expect(text).toContain(
    '=HYPERLINK(&quot;http://evil.example&quot;,&quot;x&quot;)'.replaceAll(
      '&quot;',
      strings.includes('=HYPERLINK("') ? '"' : '&quot;',
    ),
  )
  expect(text).toContain(`共 ${total} 件`)
  expect(text).toContain('𠮷👩‍🚒')
  expect(text).not.toMatch(/[^\P{Cc}\t\n\r]/u)
  expect(text).not.toContain(no.market as string)
  // The same filter as the list.
  const late = await officer.get('/api/cases.xlsx?group=overdue&lang=en')
  expect(late.headers.get('x-total-count')).toBe('1')
  expect((await (await city.as('admin')).get('/api/cases.xlsx')).status).toBe(403)
})

test('views are kept by name for one person, twenty at most', async () => {
  const save = (name: string, query = 'group=soon') => officer.post('/api/views/department', { name, query })
  expect(await (await save('急办')).json()).toEqual({ items: [{ name: '急办', query: 'group=soon' }] })
  expect(await (await save('急办', 'group=overdue')).json()).toEqual({
    items: [{ name: '急办', query: 'group=overdue' }],
  })
  expect(await (await city.as('verifier')).json('/api/views/department')).toEqual({ items: [] })
  for (let i = 1; i < 20; i++) expect((await save(`view ${i}`)).status).toBe(200)
  expect((await save('one too many')).status).toBe(422)
  const left = await (await officer.post('/api/views/department/remove', { name: 'view 1' })).json()
  expect((left as Json).items).toHaveLength(19)
  expect((await officer.json('/api/views/cases')).items).toEqual([])
})
