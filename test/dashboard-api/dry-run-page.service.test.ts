import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DryRuns } from '../../core/dry-run.ts'
import { LEFT_S } from '../../dashboard-api/dry-runs/rows.ts'
import { ensureWebApp, hasChromium, launchChromium, openPage, step } from '../support/browser.ts'
import { missingService } from '../support/services.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { PASSWORD, type TestDashboard } from './dashboard.ts'
import { CAMERA, startDryRunCity, writeTrackLog } from './dry-run-fixture.ts'

const WEB = resolve(import.meta.dirname, '../../dashboard-api/web/dist')
const MINUTE_MS = 60_000

async function logIn(page: Page): Promise<void> {
  page.setDefaultTimeout(60_000)
  await page.goto('/login')
  await page.getByLabel('用户名').fill('admin')
  await page.getByLabel('密码').fill(PASSWORD)
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('button', { name: 'admin' }).waitFor()
}

/** Holds back what the page asks of its dry run, until the answer is called: what was asked before has been answered by then. */
async function holdQuestions(page: Page): Promise<() => void> {
  const asked = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  await page.route('**/api/dry-runs/*', async (route) => {
    asked.resolve()
    await gate.promise
    // A page that is gone by then wants no answer.
    await route.continue().catch(() => undefined)
  })
  await asked.promise
  return () => gate.resolve()
}

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))('a dry run in a browser', () => {
  let city: TestDashboard
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let real: DryRuns
  /** Holds a dry run back until the test lets it go. */
  let gate: Promise<void> = Promise.resolve()
  /** The run that the next one waits for. */
  let front: string | null = null
  /** Of the newest run, as the table has it: a question would keep it going. `s`: how long it goes on without one. */
  const newest = async () => {
    const { rows } = await city.database.query<{ id: string; state: string; s: number }>(
      `select id, state, extract(epoch from wanted_until - now())::float8 as s from dry_runs order by at desc limit 1`,
    )
    return rows[0] as { id: string; state: string; s: number }
  }
  beforeAll(async () => {
    ensureWebApp()
    folder = await tempFolder()
    // Well inside of the last hour, however long the test takes.
    const begun = Date.now() - 50 * MINUTE_MS
    real = await writeTrackLog(folder.path, begun, 16)
    const held: DryRuns = {
      async run(request, watch) {
        watch.onProgress(
          front
            ? { step: 'waiting', share: 0, ahead: { run: front, runs: 2 } }
            : { step: 'tracks', share: 0.4 },
        )
        const cancelled = new Promise<never>((_, fail) =>
          watch.signal.addEventListener('abort', () => fail(watch.signal.reason as Error)),
        )
        await Promise.race([gate, cancelled])
        return real.run(request, watch)
      },
    }
    const jpeg = await sharp({ create: { width: 64, height: 36, channels: 3, background: '#446688' } })
      .jpeg()
      .toBuffer()
    // The first event, in the second minute, is recorded no more; the next one is four minutes later.
    city = await startDryRunCity(
      held,
      (at) => (at < begun + 4 * MINUTE_MS ? null : { jpeg, capturedAt: at }),
      { webFolder: WEB },
    )
  })
  afterAll(async () => {
    await city[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  })

  it('is begun, cancelled and read by keyboard; what is not known is said; its age against the draft is told', {
    timeout: 240_000,
  }, async () => {
    await using browser = await launchChromium()
    const page = await openPage(browser, city.url)
    await logIn(page)
    await page.goto(`/cameras/${CAMERA}/rules`)
    const panel = page.getByRole('region', { name: '试跑' })
    const begin = panel.getByRole('button', { name: '试跑', exact: true })
    await begin.waitFor()
    const release = Promise.withResolvers<void>()
    gate = release.promise

    await step(browser, 'it shows how far it is, and ends when it is cancelled', async () => {
      await begin.focus()
      await page.keyboard.press('Enter')
      await panel.getByText('正在重新判断').waitFor()
      await panel.getByRole('progressbar').waitFor()
      await panel.getByRole('button', { name: '取消试跑' }).focus()
      await page.keyboard.press('Enter')
      await panel.getByText('试跑已取消。').waitFor()
    })
    await step(browser, 'it counts both, and says what it does not know', async () => {
      release.resolve()
      await begin.focus()
      await page.keyboard.press('Enter')
      await panel.getByText('4 次（原 4）+0 −0').waitFor()
      const row = panel.getByRole('row', { name: /^plume/ })
      await row.getByText('未知：此时段没有录像').first().waitFor()
      await panel.getByText(/检出记录 1920 幅画面/).waitFor()
    })
    await step(browser, 'each event has its picture, or says that there is none', async () => {
      await panel.getByRole('button', { name: '看每一次（4）' }).focus()
      await page.keyboard.press('Enter')
      const events = panel.getByRole('list', { name: '试跑的每一次' })
      await expect.poll(() => events.getByRole('listitem').count()).toBe(4)
      await events.getByText('没有录像').waitFor()
      await expect.poll(() => events.locator('svg polygon').count()).toBe(3)
    })
    await step(browser, 'the draft is changed: the result stays and is of an older draft', async () => {
      await page.getByRole('switch', { name: '启用规则 lane' }).focus()
      await page.keyboard.press('Space')
      await panel.getByText('以下是较早草稿的结果').waitFor()
      await panel.getByText('4 次（原 4）+0 −0').waitFor()
      await begin.focus()
      await page.keyboard.press('Enter')
      await panel.getByText('0 次（原 4）+0 −4').waitFor()
      await panel.getByRole('row', { name: /^lane/ }).getByText('已停用').waitFor()
      await expect.poll(() => panel.getByText('以下是较早草稿的结果').count()).toBe(0)
    })
    await step(browser, 'a page that is loaded anew shows the result again, of its span', async () => {
      await page.reload()
      await panel.getByText('0 次（原 4）+0 −4').waitFor()
    })
    const held = Promise.withResolvers<void>()
    await step(browser, 'it says what it waits for; loaded anew, it goes on', async () => {
      front = (await newest()).id
      await city.database.query(`update dry_runs set who = 'somebody', step = 'pictures', share = 0.25`)
      gate = held.promise
      await panel.getByText('最近 6 小时').click()
      await begin.focus()
      await page.keyboard.press('Enter')
      await panel.getByText('排队等待：前面还有 2 个试跑').waitFor()
      await panel.getByText('另一位管理员的：摄像机 gate，正在重新判断录像，25%').waitFor()
      const ask = await holdQuestions(page)
      await page.reload()
      await expect.poll(async () => (await newest()).s, { timeout: 60_000 }).toBeLessThanOrEqual(LEFT_S)
      // It may take longer on a busy machine than a page has.
      await city.database.query(
        `update dry_runs set wanted_until = now() + interval '1 minute' where state = 'running'`,
      )
      ask()
      await panel.getByText('排队等待：前面还有 2 个试跑').waitFor()
      await expect.poll(async () => (await newest()).s, { timeout: 60_000 }).toBeGreaterThan(100)
    })
    await step(
      browser,
      'a page that goes away lets it end, and tells so when it is back, with the span',
      async () => {
        const ask = await holdQuestions(page)
        await page.goto('about:blank')
        await expect.poll(async () => (await newest()).s, { timeout: 60_000 }).toBeLessThanOrEqual(LEFT_S)
        // The seconds that a page has which was only loaded anew.
        const unasked = async () => {
          await city.database.query(`update dry_runs set wanted_until = now() where state = 'running'`)
          return (await newest()).state
        }
        await expect.poll(unasked, { timeout: 60_000 }).toBe('failed')
        ask()
        await page.goto(`/cameras/${CAMERA}/rules`)
        await panel.getByText('没有页面在等结果，试跑已自动结束：请重新试跑。').waitFor()
        await panel.getByRole('radio', { name: '最近 6 小时', checked: true }).waitFor({ state: 'attached' })
        front = null
        held.resolve()
        await begin.focus()
        await page.keyboard.press('Enter')
        await panel.getByText('0 次（原 4）+0 −4').waitFor()
      },
    )
    await step(
      browser,
      'one that goes on says why it was not cancelled, and that it is deleted',
      async () => {
        gate = new Promise(() => undefined)
        await begin.focus()
        await page.keyboard.press('Enter')
        const judging = panel.getByText('正在重新判断')
        await judging.waitFor()
        await page.route('**/api/dry-runs/*', (route) =>
          route.request().method() === 'DELETE' ? route.abort() : route.fallback(),
        )
        await panel.getByRole('button', { name: '取消试跑' }).focus()
        await page.keyboard.press('Enter')
        await panel.getByRole('alert').getByText('未能取消试跑').waitFor()
        await city.database.query(`delete from dry_runs where state = 'running'`)
        await panel.getByText('上次试跑的结果已删除（只保留一天）。').waitFor()
        await judging.waitFor({ state: 'detached' })
        await expect.poll(() => begin.isEnabled(), { timeout: 60_000 }).toBe(true)
        gate = Promise.resolve()
        await begin.focus()
        await page.keyboard.press('Enter')
        await panel.getByText('0 次（原 4）+0 −4').waitFor()
      },
    )
    await step(browser, 'a result that is no longer kept is said, once', async () => {
      await city.database.query('delete from dry_runs')
      await page.reload()
      await panel.getByText('上次试跑的结果已删除（只保留一天）。').waitFor()
      const kept = () =>
        page.evaluate((name) => localStorage.getItem(name), `sharp-eyes.dry-run.admin.${CAMERA}`)
      await expect.poll(kept, { timeout: 60_000 }).toBe('')
    })
    const { rows } = await city.database.query<{ looks: string }>(
      `select count(*) as looks from looks where object = 'camera:gate' and reason like 'dry run %'`,
    )
    expect(Number(rows[0]?.looks)).toBeGreaterThan(0)
  })
})
