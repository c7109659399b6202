import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertAlert } from '../dashboard-api/matters.ts'
import { type DeskCity, startDeskCity } from '../e2e/desks/desk-city.ts'
import { heapOf, megabytes, openCdp, say } from './measure.ts'

const OPEN = 10_000
/** 400 kbit/s and 400 ms there and back, as browsers' own tools name "slow 3G". */
const SLOW_3G = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 }

let city: DeskCity
beforeAll(async () => {
  city = await startDeskCity()
  await insertAlert(city.dashboard.database)
})
afterAll(() => city?.[Symbol.asyncDispose]())

async function atFeed(work: (page: Page) => Promise<void>): Promise<void> {
  const context = await city.context('operator', { serviceWorkers: 'block' })
  context.setDefaultTimeout(120_000)
  try {
    await work(await context.newPage())
  } finally {
    await context.close()
  }
}

test('check 12: the feed on slow 3G, nothing cached', async () => {
  await atFeed(async (page) => {
    const cdp = await openCdp(page)
    await cdp.send('Network.enable')
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true })
    await cdp.send('Network.emulateNetworkConditions', SLOW_3G)
    let bytes = 0
    cdp.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength
    })
    const began = performance.now()
    await page.goto('/alerts', { waitUntil: 'commit' })
    await page.getByRole('option').first().waitFor()
    say(
      `slow 3G, no cache: first row ${((performance.now() - began) / 1_000).toFixed(1)} s (budget 8), ${megabytes(bytes)} MB`,
    )
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: false })
    await page.reload({ waitUntil: 'commit' })
    await page.getByRole('option').first().waitFor()
    const again = performance.now()
    await page.reload({ waitUntil: 'commit' })
    await page.getByRole('option').first().waitFor()
    say(`slow 3G, from the cache: first row ${((performance.now() - again) / 1_000).toFixed(1)} s`)
  })
})

test('check 5: 10,000 open alerts, scrolled by the wheel', async () => {
  await city.dashboard.database.query(
    `insert into alerts (id, fingerprint, source_kind, source_id, rule_id, rule_version, type, zone, severity, purpose,
       state, started_at, since, last_seen_at, score, event_id, cause, opened_at)
     select gen_random_uuid(), 'many-' || i, 'camera', 'kitchen', 'many-' || i, '1', type, zone, 4, 'kitchen', 'firing',
            started_at, since, last_seen_at, score, event_id, cause, now() - i * interval '1 second'
       from generate_series(1, ${OPEN}) as i, (select * from alerts limit 1) as a`,
  )
  await atFeed(async (page) => {
    const cdp = await openCdp(page)
    const began = performance.now()
    await page.goto('/alerts?rows=each')
    await page.getByRole('option').first().waitFor()
    say(`10,000 open alerts: first rows ${(performance.now() - began).toFixed(0)} ms`)
    const box = await page.getByRole('listbox').boundingBox()
    await page.mouse.move((box?.x ?? 0) + 50, (box?.y ?? 0) + 200)
    await page.evaluate(`(() => {
      window.frames_ = []
      let last = performance.now()
      const frame = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(frame) }
      requestAnimationFrame(frame)
    })()`)
    let rows = 0
    const until = performance.now() + 20_000
    while (performance.now() < until) {
      await page.mouse.wheel(0, 240)
      await page.waitForTimeout(50)
      rows = Math.max(rows, await page.getByRole('option').count())
    }
    const frames = (await page.evaluate<number[]>('window.frames_')).toSorted((a, b) => a - b)
    const total = frames.reduce((sum, ms) => sum + ms, 0)
    const at = (share: number) => frames[Math.floor(frames.length * share)]?.toFixed(0)
    const loaded = await page.getByRole('option').first().getAttribute('aria-setsize')
    say(
      `scrolling 20 s: ${((frames.length / total) * 1_000).toFixed(0)} frames a second (budget 50), a frame p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, ` +
        `${rows} rows in the page at most, ${loaded} loaded, heap ${megabytes(await heapOf(cdp))} MB (budget 200)`,
    )
    await page.getByRole('listbox').focus()
    const size = async () => Number(await page.getByRole('option').first().getAttribute('aria-setsize'))
    const before = await size()
    await page.keyboard.press('End')
    await expect.poll(size, { timeout: 60_000 }).toBeGreaterThan(before)
    say(`End: ${before} rows → ${await size()}`)
  })
})
