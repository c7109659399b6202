import { randomUUID } from 'node:crypto'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../adapters/clock.ts'
import { createInbox } from '../../../alerts/inbox/inbox.ts'
import { ensurePartitions } from '../../../alerts/partitions/partitions.ts'
import { type HazardEvent, toMessage } from '../../../core/event.ts'
import { hasChromium } from '../../support/browser.ts'
import { recordingMetrics, silentLog } from '../../support/log.ts'
import { missingService } from '../../support/services.ts'
import { type DeskCity, openDesk, startDeskCity } from './desk-city.ts'

const STREAM = /\/api\/stream/
const OLD = /没有新消息|连接不上服务器/
/** Check 10 says 60 s. */
const CUT_MS = Number(process.env.CUT_SECONDS ?? 6) * 1_000

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))(
  'a bad line',
  { timeout: 90_000 + CUT_MS },
  () => {
    let city: DeskCity
    let inbox: ReturnType<typeof createInbox>
    beforeAll(async () => {
      city = await startDeskCity()
      const { database } = city.dashboard
      await ensurePartitions(database, Date.now())
      inbox = createInbox({ database, clock: systemClock, log: silentLog, metrics: recordingMetrics() })
      for (let n = 0; n < 3; n++) await happen()
    })
    afterAll(() => city?.[Symbol.asyncDispose]())

    /** A hazard, through the inbox as a worker sends it. */
    async function happen(): Promise<void> {
      const at = Date.now()
      const event: HazardEvent = {
        ...{ id: randomUUID(), source: { kind: 'camera', id: 'works-chimney' }, type: 'plume', zone: 'sky' },
        ...{
          rule: { id: `rule-${randomUUID()}`, version: '1' },
          severity: 2,
          clock: { kind: 'arrival', errorMs: 40 },
        },
        ...{ since: at - 10_000, startedAt: at, lastSeenAt: at, endedAt: null, endReason: null },
        ...{
          score: 0.8,
          peakScore: 0.9,
          box: [0.1, 0.1, 0.4, 0.4],
          detections: [],
          measured: {},
          thresholds: {},
        },
        ...{ model: null, still: null },
      }
      await inbox.receive([toMessage(event, { kind: 'start', epoch: 1, seq: 1, worker: 'w1', at })])
    }
    const stored = async (): Promise<readonly string[]> => {
      const { items } = await (await city.dashboard.as('operator')).json('/api/alerts?verdict=none')
      return items.map(({ id }: { id: string }) => id).toSorted()
    }
    const listed = async (page: Page): Promise<readonly string[]> => {
      const rows = await page.evaluate<string[]>(
        `[...document.querySelectorAll('.feed-row')].map((row) => row.id.replace('alert-', ''))`,
      )
      return rows.toSorted()
    }
    const live = (page: Page) => page.locator('.live-clock[data-kind="live"]').waitFor({ timeout: 15_000 })
    const bar = (page: Page, words: RegExp) => page.locator('.bar').filter({ hasText: words })

    async function atDesk(work: (page: Page, context: BrowserContext) => Promise<void>): Promise<void> {
      const context = await city.context('operator')
      try {
        await work(await context.newPage(), context)
      } finally {
        await context.close()
      }
    }

    test('cut: the bar says so, nobody judges, and what came meanwhile is there once', async () => {
      await atDesk(async (page, context) => {
        await openDesk(page, `/alerts/${(await stored())[0]}`)
        await live(page)
        const judge = page.getByRole('button', { name: /^属实/ })
        await expect.poll(() => judge.isEnabled()).toBe(true)
        const before = await page.locator('.feed-row').count()
        expect(before).toBe(3)

        const cut = Date.now()
        await context.setOffline(true)
        city.dashboard.server.closeAllConnections()
        await bar(page, /连接中断/).waitFor({ timeout: 10_000 })
        const seen = Date.now() - cut
        expect(await judge.isDisabled()).toBe(true)
        await page.keyboard.press('c')
        await happen()
        await happen()
        await page.waitForTimeout(CUT_MS)
        await bar(page, /连接中断/).waitFor()

        const back = Date.now()
        await context.setOffline(false)
        await bar(page, /连接中断/).waitFor({ state: 'hidden', timeout: 10_000 })
        const again = Date.now() - back
        process.stdout.write(
          `network cut: bar after ${seen} ms, gone ${again} ms after the network is back\n`,
        )
        expect(seen).toBeLessThan(5_000)
        expect(again).toBeLessThan(5_000)
        await page.getByText('2 条新告警').waitFor({ timeout: 20_000 })
        await page.keyboard.press('n')
        await expect.poll(() => page.locator('.feed-row').count(), { timeout: 15_000 }).toBe(5)
        expect(await listed(page)).toEqual(await stored())
        expect((await stored()).length, 'nothing was judged').toBe(5)
        await expect.poll(() => judge.isEnabled()).toBe(true)
      })
    })

    // Check 11.
    test.each([500, 401, 204])('the stream answers %i: the page says so and recovers', async (status) => {
      await atDesk(async (page, context) => {
        await context.route(STREAM, (route) =>
          route.fulfill({
            status,
            ...(status === 204 ? {} : { contentType: 'application/problem+json', body: '{}' }),
          }),
        )
        await openDesk(page, '/alerts')
        await bar(page, OLD).waitFor({ timeout: 15_000 })
        expect(new URL(page.url()).pathname, 'the session goes on').toBe('/alerts')
        await context.unroute(STREAM)
        await bar(page, OLD).waitFor({ state: 'hidden', timeout: 30_000 })
        await live(page)
      })
    })

    test('the stream is silent: the page says so within 36 s and recovers', async () => {
      await atDesk(async (page, context) => {
        await page.clock.install()
        const line = { silent: true, asked: 0 }
        await context.route(STREAM, (route) => {
          line.asked += 1
          return line.silent ? new Promise(() => undefined) : route.continue()
        })
        await page.goto('/alerts')
        await expect.poll(() => line.asked, { timeout: 20_000 }).toBe(1)
        expect(await bar(page, OLD).count()).toBe(0)
        await page.clock.fastForward(36_000)
        await bar(page, OLD).waitFor()
        line.silent = false
        // The attempt that hangs now has its own 35 s.
        await page.clock.fastForward(36_000)
        await bar(page, OLD).waitFor({ state: 'hidden', timeout: 30_000 })
        await live(page)
      })
    })

    test('the session is over: the page asks for the log-in and comes back to the same place', async () => {
      await atDesk(async (page) => {
        await openDesk(page, '/cases')
        await live(page)
        await page.context().clearCookies()
        city.dashboard.server.closeAllConnections()
        await page.waitForURL('**/login?next=%2Fcases', { timeout: 20_000 })
      })
    })
  },
)
