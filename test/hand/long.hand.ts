import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { insertAlert } from '../dashboard-api/matters.ts'
import { type DeskCity, startDeskCity } from '../e2e/desks/desk-city.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { playLive } from '../support/live-film.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { allocatorBytes, browserBytes, sumOf } from './browser-memory.ts'
import { heapOf, megabytes, openCdp, say } from './measure.ts'

/** The checks say 15 and 60 minutes; a shorter run says so in what it prints. */
const HIDDEN_MIN = Number(process.env.HIDDEN_MINUTES ?? 15)
const TILES_MIN = Number(process.env.TILES_MINUTES ?? 60)
/** Fewer where the machine is too busy for nine pictures. */
const TILES = Number(process.env.TILES ?? 9)
const MINUTE_MS = 60_000

let city: DeskCity
beforeAll(async () => {
  city = await startDeskCity()
})
afterAll(() => city?.[Symbol.asyncDispose]())

const viewersOf = (camera: string) => {
  const { viewers } = city.dashboard.live
  const known = viewers.get(camera) ?? new Set()
  viewers.set(camera, known)
  return known
}

const hide = (page: Page, hidden: boolean) =>
  page.evaluate(`(() => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${hidden} })
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => '${hidden ? 'hidden' : 'visible'}' })
    document.dispatchEvent(new Event('visibilitychange'))
  })()`)

/** Single readings swing with what the collector and the players have just done. */
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

const growth = (first: readonly number[], last: readonly number[]): string =>
  `${megabytes(median(first))} → ${megabytes(median(last))} MB (${((median(last) / median(first) - 1) * 100).toFixed(1)} %)`

test('check 14: a tab that was hidden', async () => {
  using _film = await playLive(viewersOf('works-chimney'))
  const inbox = createInbox({
    ...{ database: city.dashboard.database, clock: systemClock },
    ...{ log: silentLog, metrics: recordingMetrics() },
  })
  const context = await city.context('operator')
  const faults: string[] = []
  const look = async (path: string): Promise<{ page: Page; cdp: CDPSession }> => {
    const page = await context.newPage()
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      if (/QuotaExceeded/.test(message.text())) faults.push(message.text())
    })
    await page.goto(path)
    return { page, cdp: await openCdp(page) }
  }
  await insertAlert(city.dashboard.database)
  const feed = await look('/alerts')
  await feed.page.getByRole('option').first().waitFor()
  const live = await look('/cameras/works-chimney')
  const badge = live.page.locator('#main .age-badge')
  await expect.poll(() => badge.getAttribute('data-kind'), { timeout: 60_000 }).toBe('live')
  const before = [await heapOf(feed.cdp), await heapOf(live.cdp)]
  await Promise.all([hide(feed.page, true), hide(live.page, true)])
  const rows = await feed.page.getByRole('option').count()
  for (let n = 0; n < HIDDEN_MIN; n++) {
    await live.page.waitForTimeout(MINUTE_MS)
    const at = Date.now()
    const event = hazardEvent({
      ...{ source: { kind: 'camera', id: 'works-chimney' }, rule: { id: `hidden-${n}`, version: '1' } },
      ...{ since: at, startedAt: at, lastSeenAt: at },
    })
    await inbox.receive([hazardMessage(event, { kind: 'start', seq: 1, at: 0 })])
  }
  const shown = performance.now()
  await Promise.all([hide(feed.page, false), hide(live.page, false)])
  await expect.poll(() => badge.textContent(), { timeout: 60_000 }).toContain('不到 1 秒前')
  const liveAfter = performance.now() - shown
  // The list at its top takes new rows in by itself.
  await expect.poll(() => feed.page.getByRole('option').count(), { timeout: 60_000 }).toBeGreaterThan(rows)
  const feedAfter = performance.now() - shown
  const listed = await feed.page.getByRole('option').count()
  const after = [await heapOf(feed.cdp), await heapOf(live.cdp)]
  say(
    `hidden for ${HIDDEN_MIN} min: live within a second ${(liveAfter / 1_000).toFixed(1)} s after, the feed's new rows ${(feedAfter / 1_000).toFixed(1)} s (budget 3); rows ${rows} → ${listed}; ` +
      `heap feed ${megabytes(before[0] ?? 0)} → ${megabytes(after[0] ?? 0)} MB, live ${megabytes(before[1] ?? 0)} → ${megabytes(after[1] ?? 0)} MB (budget ± 20); faults ${faults.length}`,
  )
  expect(faults).toEqual([])
  await context.close()
})

test(`check 15: ${TILES} tiles`, async () => {
  const { database } = city.dashboard
  const films: Disposable[] = []
  for (let n = 1; n <= TILES; n++) {
    const id = `tile-${n}`
    await database.query(
      "insert into config_objects (kind, id, managed_by, version, body) select kind, $1, 'desk', 1, body || jsonb_build_object('id', $1::text) from config_objects where kind = 'camera' and id = 'works-chimney'",
      [id],
    )
    films.push(await playLive(viewersOf(id)))
  }
  const context = await city.context('operator')
  const page = await context.newPage()
  const cdp = await openCdp(page)
  const names = Array.from({ length: TILES }, (_, n) => `tile-${n + 1}`)
  await page.goto(`/wall?tiles=9&cameras=${names.join(',')}`)
  const live = page.locator('.age-badge[data-kind="live"]')
  await expect.poll(() => live.count(), { timeout: 120_000 }).toBe(TILES)
  const readings: { heap: number; browser: number; live: number }[] = []
  const processes: Map<string, number>[] = []
  // What the page's process is made of: at the start, at the second minute, at every tenth and at the end.
  const made: Map<string, number>[] = []
  const began = performance.now()
  for (let n = 0; n <= TILES_MIN * 4; n++) {
    await page.waitForTimeout(Math.max(0, began + (n * MINUTE_MS) / 4 - performance.now()))
    const bytes = browserBytes()
    const reading = { heap: await heapOf(cdp), browser: sumOf(bytes), live: await live.count() }
    readings.push(reading)
    processes.push(bytes)
    if (n === 8 || n % 40 === 0 || n === TILES_MIN * 4) made.push(await allocatorBytes(page))
    if (n % 4 > 0) continue
    const others = await page.locator('.wall-tile:not(:has(.age-badge[data-kind="live"]))').allTextContents()
    say(
      `${TILES} tiles, minute ${n / 4}: ${reading.live} live, heap ${megabytes(reading.heap)} MB, browser ${megabytes(reading.browser)} MB${others.map((text) => `; ${text}`).join('')}`,
    )
  }
  // What the players keep behind the picture is full after the second minute.
  const settled = readings.slice(8)
  const part = Math.max(1, Math.min(40, Math.floor(settled.length / 3)))
  const [first, last] = [settled.slice(0, part), settled.slice(-part)]
  const all = readings.filter((reading) => reading.live === TILES).length
  say(
    `${TILES} tiles, ${TILES_MIN} min: all live at ${all} of ${readings.length} readings; medians of the first and the last ${part} readings after minute 2 (budget < 5 %): ` +
      `heap ${growth(
        first.map(({ heap }) => heap),
        last.map(({ heap }) => heap),
      )}, browser ${growth(
        first.map(({ browser }) => browser),
        last.map(({ browser }) => browser),
      )}`,
  )
  for (const kind of processes.at(-1)?.keys() ?? []) {
    const of = processes.slice(8).map((bytes) => bytes.get(kind) ?? 0)
    say(`  ${kind}: ${growth(of.slice(0, part), of.slice(-part))}`)
  }
  for (const [name, bytes] of made.at(-1) ?? []) {
    const over = made.map((one) => megabytes(one.get(name) ?? 0))
    if (bytes > 1_000_000) say(`  page's process, ${name}: ${over.join(', ')} MB`)
  }
  // What a browser frees when memory is short was a cache and no leak.
  const before = browserBytes()
  await cdp.send('Memory.simulatePressureNotification', { level: 'critical' })
  await page.waitForTimeout(MINUTE_MS / 6)
  const after = browserBytes()
  say(
    `  short of memory: ${[...after].map(([kind, bytes]) => `${kind} ${megabytes(before.get(kind) ?? 0)} → ${megabytes(bytes)} MB`).join(', ')}; ${await live.count()} live`,
  )
  for (const film of films) film[Symbol.dispose]()
  await context.close()
})

test('check 15: twelve tabs', async () => {
  const context = await city.context('operator')
  for (let n = 0; n < 12; n++) {
    const page = await context.newPage()
    const began = performance.now()
    await page.goto('/alerts')
    await page.locator('.live-clock[data-kind="live"]').waitFor()
    const ready = performance.now() - began
    const ms = await page.evaluate<number>(
      '(async () => { const began = performance.now(); await fetch("/api/desk"); return performance.now() - began })()',
    )
    say(`tab ${n + 1}: its stream is live after ${ready.toFixed(0)} ms, a request takes ${ms.toFixed(0)} ms`)
  }
  await context.close()
})
