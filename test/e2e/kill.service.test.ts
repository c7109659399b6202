import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { AlertItem, CaseDetail, CaseItem, List } from '../../core/api/shapes.ts'
import { ensureWebApp, hasChromium, launchChromium, step } from '../support/browser.ts'
import { testFilm } from '../support/films.ts'
import { hasRtspServer, RTSP_SERVICE, startRtspServer } from '../support/rtsp.ts'
import { missingService, onPath } from '../support/services.ts'
import { siteFolder, startSite } from '../support/site.ts'
import { startWebhookReceiver } from '../support/webhook-receiver.ts'
import { PEOPLE, SECRET, writeCity } from './city.ts'
import { enter } from './people.ts'

/** The time-out of a call and the grace after it, after which an unknown outcome is tried again. */
const SENT_AGAIN_WITHIN_MS = 90_000

const kitchen = (id: string, url: string) => ({
  id,
  name: { zh: `后厨 ${id}`, en: `Kitchen ${id}` },
  purpose: 'kitchen',
  url,
  zones: {
    floor: [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ],
  },
  rules: [{ id: 'after-hours', type: 'after_hours_motion', zone: 'floor', hours: '00:00-24:00', for: '5s' }],
})
const CAMERAS = ['east', 'west'] as const

const read = async <T>(page: Page, path: string): Promise<T> => (await page.request.get(path)).json()
const alertsOf = async (page: Page): Promise<readonly AlertItem[]> =>
  (await read<List<AlertItem>>(page, '/api/alerts')).items
const lastSeen = (items: readonly AlertItem[]) =>
  Math.min(...items.map((item) => Date.parse(item.lastSeenAt)))

/** A power cut while hazards last and a message is on its way: nothing is lost, and nothing is there twice. */
describe.skipIf(
  missingService(RTSP_SERVICE, hasRtspServer()) ||
    missingService('ffmpeg', onPath('ffmpeg')) ||
    missingService('Chromium (apt: chromium)', hasChromium()),
)('kill -9 of the whole program while events flow', () => {
  it('leaves each alert, case and message there once', { timeout: 600_000 }, async () => {
    ensureWebApp()
    await using folder = await siteFolder()
    const film = await testFilm({ width: 320, height: 180, seconds: 4, times: 100 })
    await using rtsp = await startRtspServer({
      mounts: CAMERAS.map((id) => ({ path: `/${id}`, film, codec: 'h264' })),
    })
    await using receiver = await startWebhookReceiver(SECRET)
    receiver.answer = () => undefined // hangs up on nobody and answers nobody: the outcome stays unknown
    const cameras = CAMERAS.map((id) => kitchen(id, rtsp.url(`/${id}`)))
    const city = await writeCity(folder.path, { cameras, webhook: receiver.url })
    const start = (port: number) =>
      startSite({ data: join(folder.path, 'data'), args: ['--config', city], port })
    await using browser = await launchChromium()

    await using first = await start(0)
    const page = await enter(browser, first.url, PEOPLE.operator)
    const rows = page.getByRole('option')
    const no = await step(browser, 'a case is filed of the first alert', async () => {
      await rows.first().waitFor({ timeout: 90_000 })
      await rows.first().click()
      await page.locator('.alert-view .head-facts').waitFor()
      await page.keyboard.press('f')
      await page.getByText('立案后派遣至 交通管理局').waitFor()
      await page.keyboard.press('Enter')
      const link = page.locator('#main').getByRole('link', { name: /^打开案件/ })
      return /\d{4}-\d{6}/.exec((await link.textContent()) ?? '')?.[0] ?? ''
    })
    const [message] = await receiver.waitFor(1, 60_000)
    const before = await alertsOf(page)
    await first.kill()
    receiver.answer = (response) => response.writeHead(204).end()
    const killedAt = Date.now()

    await step(browser, 'the page says that it is cut off', () =>
      page
        .locator('.bar')
        .filter({ hasText: /连接中断|没有新消息/ })
        .waitFor({ timeout: 60_000 }),
    )

    await using second = await start(first.port)
    expect(second.url).toBe(first.url)
    await step(browser, 'the page finds the site again by itself, still logged in', async () => {
      await page.getByText(/^实时/).waitFor({ timeout: 90_000 })
      await page
        .locator('#main')
        .getByRole('link', { name: `打开案件 ${no}` })
        .waitFor()
    })
    const after = await step(browser, 'every hazard is seen again after the start', async () => {
      await expect
        .poll(
          async () => {
            const items = await alertsOf(page)
            return items.length === CAMERAS.length && lastSeen(items) > killedAt + 10_000
          },
          { timeout: 120_000, interval: 1_000 },
        )
        .toBe(true)
      return alertsOf(page)
    })
    expect(after.map(({ camera }) => camera).sort()).toEqual([...CAMERAS])
    for (const alert of before) {
      expect(after.find(({ id }) => id === alert.id)).toMatchObject({
        state: 'firing',
        occurrences: 1,
        startedAt: alert.startedAt,
      })
    }

    await step(browser, 'one lasting hazard is one event', async () => {
      await using database = await second.database()
      const { rows } = await database.query<{ source_id: string; ended: boolean }>(
        'select source_id, ended from event_state order by source_id',
      )
      expect(rows).toEqual(CAMERAS.map((source_id) => ({ source_id, ended: false })))
    })

    await step(browser, 'the case is there once, its message is sent again under the same id', async () => {
      const cases = await read<List<CaseItem>>(page, '/api/cases')
      expect(cases.items.map((item) => item.no)).toEqual([no])
      await receiver.waitFor(2, SENT_AGAIN_WITHIN_MS)
      await expect
        .poll(async () => (await read<CaseDetail>(page, `/api/cases/${no}`)).notifications, {
          timeout: 30_000,
        })
        .toMatchObject([{ state: 'sent', messageId: message?.id, possibleDuplicates: 1 }])
      expect(new Set(receiver.received.map(({ id }) => id))).toEqual(new Set([message?.id]))
      const log = (await read<CaseDetail>(page, `/api/cases/${no}`)).log.map(({ kind }) => kind)
      expect(log).toEqual(['file', 'dispatch', 'notified'])
    })
    await step(browser, 'the feed shows each alert once', async () => {
      await page.goto('/alerts?view=all')
      await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(CAMERAS.length)
    })
    expect((await second.stop()).code).toBe(0)
  })
})
