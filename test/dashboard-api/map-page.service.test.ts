import { resolve } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { ensureWebApp, hasChromium, launchChromium, openPage, step } from '../support/browser.ts'
import { missingService } from '../support/services.ts'
import { PASSWORD, startDashboard } from './dashboard.ts'
import { archiveFile, placeCity, rasterArchive } from './map-city.ts'
import { insertAlert } from './matters.ts'

const WEB = resolve(import.meta.dirname, '../../dashboard-api/web/dist')
/** Of the test's tiles. */
const GREEN = [0x9e, 0xc7, 0x9b] as const

async function logIn(page: Page): Promise<void> {
  await page.goto('/login')
  await page.getByLabel('用户名').fill('operator')
  await page.getByLabel('密码').fill(PASSWORD)
  await page.getByRole('button', { name: '登录' }).click()
  await page.waitForURL('**/alerts')
}

/** Share of the map's picture that has the colour of the base map. */
async function greenShare(page: Page): Promise<number> {
  const { data, info } = await sharp(await page.locator('.map-holder').screenshot())
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  let green = 0
  for (let at = 0; at < data.length; at += 3)
    if (GREEN.every((value, channel) => Math.abs((data[at + channel] ?? 0) - value) <= 4)) green += 1
  return green / (info.width * info.height)
}

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))('the map in a browser', () => {
  it("draws the site's own base map and keeps the list in step; without WebGL the list stands alone", {
    timeout: 240_000,
  }, async () => {
    ensureWebApp()
    await using city = await startDashboard({ webFolder: WEB })
    await using file = await archiveFile(await rasterArchive(10, { attribution: '&copy; 示例测绘' }))
    await placeCity(city, { file: file.path, datum: 'GCJ-02', approval: '冀S(2026)001号' })
    const alert = await insertAlert(city.database)
    await using browser = await launchChromium({ webgl: true })
    const page = await openPage(browser, city.url)
    const foreign: string[] = []
    page.on('request', (request) => {
      if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(city.url))
        foreign.push(request.url())
    })
    page.on('console', (message) => {
      if (/Content Security Policy|WebGL/.test(message.text())) foreign.push(message.text())
    })
    await logIn(page)
    const row = page.locator('#main .site-row')

    await step(browser, 'the base map comes in parts and is drawn', async () => {
      const part = page.waitForResponse((answer) => answer.url().includes('/api/map/base.pmtiles'))
      await page.goto('/map')
      expect((await part).status()).toBe(206)
      await page.locator('.map-frame[data-ready="true"]').waitFor()
      await expect.poll(() => greenShare(page), { timeout: 60_000 }).toBeGreaterThan(0.5)
      await page.getByText('© 示例测绘 · 冀S(2026)001号').waitFor()
    })

    // The pages' own check draws no map: its Chromium has no WebGL.
    await step(browser, 'axe finds nothing grave in a map that is drawn', async () => {
      const { violations, passes } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
      expect(passes.length).toBeGreaterThan(5)
      const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      expect(grave.map(({ id, nodes }) => `${id} ${nodes[0]?.target.join(' ')}`)).toEqual([])
    })

    await step(browser, 'keys go through the list, the gravest first', async () => {
      await expect.poll(() => row.count(), { timeout: 60_000 }).toBe(2)
      await page.keyboard.press('j')
      await page.waitForURL(`**/map?show=alert*${alert}`)
      await page.locator('#main .site-items').getByRole('link', { name: '黑烟' }).waitFor()
      await page.keyboard.press('Escape')
      await page.locator('#main .site-items').waitFor({ state: 'detached' })
    })

    await step(browser, 'a mark on the map opens its row', async () => {
      await page.goto('/map?show=camera:kitchen')
      await page.locator('.map-frame[data-ready="true"]').waitFor()
      await page.locator('#main .site-items').waitFor()
      await page.keyboard.press('Escape')
      await page.locator('#main .site-items').waitFor({ state: 'detached' })
      // The place of the link is in the middle. A mark can be pressed once it is drawn.
      const items = page.locator('#main .site-items')
      await expect
        .poll(
          async () => {
            if ((await items.count()) === 0) await page.locator('.map-holder canvas').click()
            return items.count()
          },
          { timeout: 60_000, interval: 1_000 },
        )
        .toBe(1)
      await items.getByRole('link', { name: '后厨' }).waitFor()
    })
    expect(foreign).toEqual([])

    await step(browser, 'a browser without WebGL has the list, and is told why', async () => {
      await page.addInitScript({
        content: `const real = HTMLCanvasElement.prototype.getContext
          HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
            return kind.startsWith('webgl') ? null : real.call(this, kind, ...more)
          }`,
      })
      await page.goto('/map')
      await page.getByText('浏览器不支持 WebGL，无法绘制地图').waitFor()
      await expect.poll(() => row.count(), { timeout: 60_000 }).toBe(2)
    })
  })
})
