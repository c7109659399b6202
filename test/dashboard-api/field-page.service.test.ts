import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureWebApp, hasChromium } from '../support/browser.ts'
import { BUILT_WEB, launchPhone } from '../support/phone.ts'
import { missingService } from '../support/services.ts'
import type { Browser, Json } from './browser.ts'
import { PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert, picture } from './matters.ts'

let city: TestDashboard
let operator: Browser
let officer: Browser
let folder: string

/** A case in hand of the officer's department. */
async function inHand(): Promise<string> {
  const alertId = await insertAlert(city.database)
  const { no } = (await (await operator.post('/api/cases', { alertId })).json()) as Json
  const { version } = await officer.json(`/api/cases/${no}`)
  const accepted = await officer.post(`/api/cases/${no}/commands`, { kind: 'accept', version })
  expect(accepted.status).toBe(200)
  return no
}

async function logIn(page: Page, name: string): Promise<void> {
  await page.goto('/login?next=/field')
  await page.getByLabel('用户名').fill(name)
  await page.getByLabel('密码').fill(PASSWORD)
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('heading', { name: '今日任务' }).waitFor()
}

/** Loaded under the service worker: the next load needs no network. */
async function settle(page: Page): Promise<void> {
  await expect
    .poll(() =>
      page.evaluate(
        'navigator.serviceWorker.getRegistration("/field").then((r) => r?.active?.state ?? null)',
      ),
    )
    .toBe('activated')
  await page.goto('/field')
  await page.waitForFunction('navigator.serviceWorker.controller !== null')
  await page.getByRole('heading', { name: '今日任务' }).waitFor()
}

const photo = async (shade: number) => ({
  name: 'IMG_1.jpg',
  mimeType: 'image/jpeg',
  buffer: await picture(2_400, 1_800, shade),
})
const reports = async (no: string): Promise<Json[]> =>
  (await operator.json(`/api/cases/${no}`)).log.filter((entry: Json) => entry.kind === 'report')

/** Sideways scroll, and what of the page sticks out of it. */
const tooWide = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))('the phone page', () => {
  beforeAll(async () => {
    ensureWebApp()
    city = await startDashboard({ webFolder: BUILT_WEB })
    operator = await city.as('operator')
    officer = await city.as('officer')
    folder = await mkdtemp(join(tmpdir(), 'phone-'))
  })
  afterAll(async () => {
    await city[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  test('keeps the draft when the page dies at the camera, and sends exactly one report after the network was away', async () => {
    const no = await inHand()
    const profile = join(folder, 'story')
    const first = await launchPhone(profile, city.url)
    await logIn(first.page, 'officer')
    await settle(first.page)
    await first.page.getByRole('link', { name: no }).click()
    await first.page.getByLabel('说明').fill('垃圾已清运')
    const chooser = first.page.waitForEvent('filechooser')
    await first.page.getByRole('button', { name: '处置后 拍照' }).click()
    await chooser // the camera is open
    await first.context.close() // and the page is gone

    const second = await launchPhone(profile, city.url)
    const { page } = second
    await page.goto(`/field/${no}`)
    await page.getByText('拍照时页面被系统关闭').waitFor()
    expect(await page.getByLabel('说明').inputValue()).toBe('垃圾已清运')
    await page.getByLabel('处置后 拍照').setInputFiles(await photo(120))
    await page.getByRole('img', { name: '处置后' }).waitFor()
    await second.context.setOffline(true)
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByText('已保存在手机，联网后上传').waitFor()
    expect(await reports(no)).toEqual([])
    await second.context.close()

    const third = await launchPhone(profile, city.url)
    await third.context.setOffline(true)
    await third.page.goto('/field')
    await third.page.getByText('已保存在手机，联网后上传').waitFor()
    await third.context.setOffline(false)
    await third.page.getByText('已送达。').waitFor()
    await third.page.reload()
    await third.page.getByText('没有待办任务。').or(third.page.locator('.field-list li').first()).waitFor()
    await third.context.close()

    expect(await reports(no)).toMatchObject([{ actor: 'officer', data: { note: '垃圾已清运' } }])
    const { attachments } = await operator.json(`/api/cases/${no}`)
    expect(attachments).toHaveLength(1)
    expect(attachments[0]).toMatchObject({ phase: 'after', name: 'IMG_1.jpg', mediaType: 'image/jpeg' })
  }, 100_000)

  test('lays out long names, remarks, emoji and marks at 360 px, and is there fast from its cache', async () => {
    const no = await inHand()
    const name = `${'很长的地名'.repeat(96)}👩‍👩‍👧‍👦‮𠮷${'x'.repeat(14)}`
    await city.database.query(
      "update cases set body = jsonb_set(body, '{place}', jsonb_build_object('address', $2::text, 'lon', 114.48, 'lat', 38.03, 'datum', 'GCJ-02')) where no = $1",
      [no, name],
    )
    const lines = Array.from({ length: 40 }, (_, n) => `第 ${n} 行 ‮abc‬ 😀 ${'y'.repeat(60)}`).join('\n')
    expect((await operator.post(`/api/cases/${no}/remarks`, { note: lines })).status).toBe(201)
    const { context, page } = await launchPhone(join(folder, 'layout'), city.url, { width: 360, height: 740 })
    await logIn(page, 'officer')
    await settle(page)
    await page.getByRole('link', { name: no }).waitFor()
    expect(await tooWide(page)).toBe(0)
    await page.getByRole('link', { name: no }).click()
    await page.getByText('第 39 行').waitFor()
    await page.getByLabel('说明').fill(lines)
    expect(await tooWide(page)).toBe(0)
    for (const button of await page.getByRole('button').all()) {
      const box = await button.boundingBox()
      expect(box?.height, (await button.textContent()) ?? '').toBeGreaterThanOrEqual(44)
      expect(box?.width).toBeGreaterThanOrEqual(44)
    }
    const link = page.getByRole('link', { name: '导航' })
    expect(await link.getAttribute('href')).toMatch(/^geo:38\.02\d+,114\.47\d+\?q=/)
    await page.setViewportSize({ width: 320, height: 640 })
    expect(await tooWide(page)).toBe(0)

    // Check 12: slow 3G, the task from the cache.
    const cdp = await context.newCDPSession(page)
    await cdp.send('Network.enable')
    await cdp.send('Network.emulateNetworkConditions', {
      ...{ offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 },
    })
    const began = Date.now()
    await page.goto(`/field/${no}`)
    await page.getByRole('button', { name: '提交' }).waitFor()
    const ms = Date.now() - began
    process.stdout.write(`phone task from the cache at 400 kbit/s and 400 ms: ${ms} ms\n`)
    expect(ms).toBeLessThan(5_000)
    await context.close()
  }, 100_000)

  test('somebody was faster: what was written is kept and goes as a remark; a session that ended loses nothing', async () => {
    const no = await inHand()
    const { context, page } = await launchPhone(join(folder, 'conflict'), city.url)
    await logIn(page, 'officer')
    await page.getByRole('link', { name: no }).click()
    await page.getByLabel('说明').fill('我看到的情况')
    await page.getByLabel('处置后 拍照').setInputFiles(await photo(60))
    await page.getByRole('img', { name: '处置后' }).waitFor()
    await context.setOffline(true)
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByText('已保存在手机，联网后上传').waitFor()
    // Meanwhile: an extension is asked for at a desk, and the session of the phone ends.
    const { version } = await officer.json(`/api/cases/${no}`)
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString()
    const asked = await officer.post(`/api/cases/${no}/commands`, {
      kind: 'extend',
      version,
      reason: 'x',
      until,
    })
    expect(asked.status).toBe(200)
    const [cookie] = await context.cookies()
    await context.clearCookies()
    await context.setOffline(false)
    await page.getByText('登录已失效。草稿和待上传的内容已保存在手机。').waitFor()
    if (cookie) await context.addCookies([cookie])
    await page.getByRole('button', { name: '重试' }).click()
    await page.getByText('已被他人处理，您填写的内容已保留').waitFor()
    await page.getByText('登录已失效。草稿和待上传的内容已保存在手机。').waitFor({ state: 'hidden' })
    expect(await reports(no)).toEqual([])
    await page.getByRole('button', { name: '作为备注发送' }).click()
    await page.getByText('已送达。').waitFor()
    const { log } = await operator.json(`/api/cases/${no}`)
    const remarks = log.filter((entry: Json) => entry.kind === 'remark')
    expect(remarks).toMatchObject([{ actor: 'officer', data: { note: '我看到的情况' } }])
    expect(remarks[0].data.attachments).toHaveLength(1)
    await context.close()
  }, 100_000)
})
