import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { runSequencer } from '../../alerts/changes/sequencer.ts'
import { writeChange } from '../../core/changes.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import type { Browser } from './browser.ts'
import { PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts'
import { openStream } from './sse.ts'

let city: TestDashboard
let operator: Browser
const stop = new AbortController()
let sequencing: Promise<void>
beforeAll(async () => {
  city = await startDashboard()
  operator = await city.as('operator')
  sequencing = runSequencer({
    database: city.database,
    clock: systemClock,
    log: silentLog,
    metrics: recordingMetrics(),
    signal: stop.signal,
  })
  await allPositioned()
})
afterAll(async () => {
  stop.abort()
  await sequencing
  await city[Symbol.asyncDispose]()
})

const change = (
  key: string,
  payload: Record<string, unknown> = {},
  topic: 'alert' | 'case' | 'look' = 'alert',
) => city.database.transaction((tx) => writeChange(tx, { topic, key, payload }))

/** Until the sequencer that runs beside has given every change its position, also those of the city's own configuration. */
async function allPositioned(): Promise<void> {
  for (const end = Date.now() + 20_000; ; await systemClock.sleep(20)) {
    const { rows } = await city.database.query('select from changes where pos is null limit 1')
    if (rows.length === 0) return
    if (Date.now() > end) throw new Error('changes have waited 20 s for their positions')
  }
}

const asOf = async (): Promise<string> => (await operator.json('/api/alerts?limit=1')).asOf

test('no gap and no double over reconnects while five hundred changes arrive', async () => {
  const first = await asOf()
  const writing = (async () => {
    for (let i = 0; i < 500; i += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, k) => change(`flood-${i + k}`)))
    }
  })()
  const got: string[] = []
  const ids: string[] = []
  let last: string | undefined
  while (got.length < 500) {
    // `after` stays what it was: Last-Event-ID wins, as when a browser reconnects by itself.
    const stream = await openStream(operator, `?after=${first}`, last)
    const want = Math.min(500 - got.length, 37)
    await stream.until((events) => events.length >= want)
    stream.close()
    for (const event of stream.events) {
      got.push((JSON.parse(event.data) as { key: string }).key)
      ids.push(event.id)
      last = event.id
    }
  }
  await writing
  expect(new Set(got)).toEqual(new Set(Array.from({ length: 500 }, (_, i) => `flood-${i}`)))
  expect(got).toHaveLength(500)
  const start = BigInt(first)
  expect(ids).toEqual(Array.from({ length: 500 }, (_, i) => `${start + BigInt(i + 1)}`))
}, 60_000)

test('a list and the stream after it miss nothing in between', async () => {
  const before = await asOf()
  await change('between')
  const stream = await openStream(operator, `?after=${before}`)
  await stream.until((events) => events.some(({ data }) => data.includes('between')))
  stream.close()
})

test('without a position the stream begins now', async () => {
  await change('old-news')
  await allPositioned()
  const stream = await openStream(operator)
  await change('news')
  await stream.until((events) => events.length > 0)
  expect(stream.events[0]?.data).toContain('"news"')
  stream.close()
})

test('an officer hears of the cases of the department, also of one that leaves it, and of nothing else', async () => {
  const officer = await city.as('officer')
  const stream = await openStream(officer, `?after=${await asOf()}`)
  await change('alert-1')
  await change('look-1', {}, 'look')
  await change('case-market', { departments: ['market'] }, 'case')
  await change('case-moved', { departments: ['market', 'ecology'] }, 'case')
  await change('case-ecology', { departments: ['ecology'] }, 'case')
  await stream.until((events) => events.length >= 2)
  stream.close()
  expect(stream.events.map(({ data }) => (JSON.parse(data) as { key: string }).key)).toEqual([
    'case-moved',
    'case-ecology',
  ])
})

test('a position that is too old or in the future is answered with reset, and the stream goes on from the head', async () => {
  await change('kept')
  const future = await openStream(operator, '?after=999999999999')
  await future.until((events) => events.length > 0)
  expect(future.events[0]).toMatchObject({ event: 'reset' })
  await change('after-reset')
  await future.until((events) => events.some(({ data }) => data.includes('after-reset')))
  future.close()

  const head = BigInt(await asOf())
  await city.database.query('delete from changes where pos < $1', [`${head}`])
  await city.database.query('update change_retention set whole_after = $1', [`${head - 1n}`])
  const old = await openStream(operator, '', '1')
  await old.until((events) => events.length > 0)
  expect(old.events[0]).toEqual({ event: 'reset', id: `${head}`, data: '{}' })
  old.close()
  const fine = await openStream(operator, `?after=${head - 1n}`)
  await fine.until((events) => events.length > 0)
  expect(fine.events[0]?.id).toBe(`${head}`)
  fine.close()
  expect((await openStream(operator, '?after=-1')).status).toBe(422)
})

test('a log-out closes the streams of that session at once', async () => {
  const browser = city.browser()
  await browser.post('/api/session', { name: 'auditor', password: PASSWORD })
  const other = await city.as('auditor')
  const mine = await openStream(browser)
  const theirs = await openStream(other)
  await browser.delete('/api/session')
  await mine.ended
  await change('still-here')
  await theirs.until((events) => events.length > 0)
  theirs.close()
})

test('rights that are taken close the stream within seconds', async () => {
  const browser = await city.as('investigator')
  const stream = await openStream(browser)
  await city.database.query(
    "update config_objects set removed_at = now() where kind = 'user' and id = 'investigator'",
  )
  await stream.ended
  expect((await openStream(browser)).status).toBe(401)
}, 20_000)

test('a browser that does not read is cut off and keeps nobody waiting', async () => {
  const { hostname, port } = new URL(city.url)
  const slow = connect(Number(port), hostname)
  slow.pause()
  slow.write(`GET /api/stream HTTP/1.1\r\nHost: x\r\nCookie: ${operator.cookie()}\r\n\r\n`)
  const cut = new Promise<void>((resolve) => {
    slow.on('error', () => resolve())
    slow.on('close', () => resolve())
  })
  const reader = await openStream(operator, `?after=${await asOf()}`)
  // The slow one has to be subscribed before the flood: its own stream is counted by the metric.
  while (!(await (await fetch(`${city.url}/metrics`)).text()).includes('stream_clients 2')) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const fat = 'x'.repeat(100_000)
  for (let i = 0; i < 120; i++) await change(`fat-${i}`, { fat })
  await reader.until((events) => events.length >= 120)
  reader.close()
  const text = await (await fetch(`${city.url}/metrics`)).text()
  expect(text).toMatch(/stream_clients_cut_total\{reason="slow"\} 1/)
  slow.resume()
  await cut
}, 60_000)
