import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AlertItem, CameraItem, List } from '../../core/api/shapes.ts'
import { CATALOGUE } from '../../core/catalogue.ts'
import { ensureWebApp, hasChromium, launchChromium, openPage, step } from '../support/browser.ts'
import { missingService, onPath } from '../support/services.ts'
import { siteFolder, startSite } from '../support/site.ts'
import { expectPicture } from './people.ts'

/** What happens on each sample camera within its first minute; a busy machine takes longer to draw its film. */
const SAMPLES = {
  'sample-works': CATALOGUE.plume.zh,
  'sample-street': CATALOGUE.object_left.zh,
  'sample-kitchen': CATALOGUE.after_hours_motion.zh,
} as const
const WITHIN_MS = 180_000
const OWN_PASSWORD = 'my own long password'

describe.skipIf(
  missingService('ffmpeg', onPath('ffmpeg')) || missingService('Chromium (apt: chromium)', hasChromium()),
)('the first start without arguments', () => {
  it('shows a hazard of every sample camera, and leaves nothing behind', { timeout: 600_000 }, async () => {
    ensureWebApp()
    await using data = await siteFolder()
    await using site = await startSite({ data: data.path })
    await using browser = await launchChromium()

    // Not on a terminal, the one-time password is in a file that only its owner reads.
    const file = join(data.path, 'first-login')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const [name = '', oneTime = ''] = (await readFile(file, 'utf8')).split('\n')
    expect(site.output()).toContain(`Log in as ${name}`)
    expect(site.output()).not.toContain(oneTime)

    const page = await step(
      browser,
      'the operator logs in with the one-time password and changes it',
      async () => {
        const page = await openPage(browser, site.url)
        await page.goto('/')
        await page.getByLabel('用户名').fill(name)
        await page.getByLabel('密码').fill(oneTime)
        await page.getByRole('button', { name: '登录' }).click()
        await page.getByLabel('当前密码').fill(oneTime)
        await page.getByLabel('新密码（至少 10 个字符）').fill(OWN_PASSWORD)
        await page.getByLabel('再输一次新密码').fill(OWN_PASSWORD)
        await page.getByRole('button', { name: '保存并进入' }).click()
        await page.getByRole('listbox').or(page.getByText('暂无待核实的告警')).first().waitFor()
        return page
      },
    )

    await step(browser, 'all sample cameras are online', () =>
      expect
        .poll(
          async () => {
            const { items }: List<CameraItem> = await (await page.request.get('/api/cameras')).json()
            return items
              .filter(({ state }) => state === 'online')
              .map(({ id }) => id)
              .sort()
          },
          { timeout: WITHIN_MS, interval: 500 },
        )
        .toEqual(Object.keys(SAMPLES).sort()),
    )

    await step(browser, 'an alert of each comes into the feed by itself, with its picture', () =>
      Promise.all(
        Object.values(SAMPLES).map(async (type) => {
          const row = page.getByRole('option').filter({ hasText: type }).first()
          await row.waitFor({ timeout: WITHIN_MS })
          await expectPicture(row.locator('img'))
        }),
      ),
    )
    const { items }: List<AlertItem> = await (await page.request.get('/api/alerts?state=firing')).json()
    expect(items.map(({ still }) => still)).not.toContain('failed')

    const { code, left } = await site.stop()
    expect({ code, left }, site.output()).toEqual({ code: 0, left: [] })
  })
})
