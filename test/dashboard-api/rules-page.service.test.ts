import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureWebApp, hasChromium, launchChromium, openPage, step } from '../support/browser.ts'
import { missingService } from '../support/services.ts'
import { PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts'

const WEB = resolve(import.meta.dirname, '../../dashboard-api/web/dist')
const CAMERA = 'gate'
const LANE = [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9], [0.1, 0.9]] // biome-ignore format: one shape

async function logIn(page: Page, name: string): Promise<void> {
  page.setDefaultTimeout(20_000)
  await page.goto('/login')
  await page.getByLabel('用户名').fill(name)
  await page.getByLabel('密码').fill(PASSWORD)
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('button', { name }).waitFor()
}

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))(
  'rules and zones in a browser',
  () => {
    let city: TestDashboard
    const stored = async () => {
      const { items } = await (await city.as('admin')).json('/api/config/camera')
      return items.find(({ id }: { id: string }) => id === CAMERA)
    }
    const save = async (version: number | null, more: object) => {
      const answer = await (await city.as('admin')).post(`/api/config/camera/${CAMERA}`, {
        version,
        body: {
          ...{ id: CAMERA, name: { zh: '东门', en: 'East gate' }, purpose: 'public_safety' },
          ...{
            url: 'rtsp://10.0.0.3/1',
            zones: { lane: LANE },
            rules: [{ id: 'left', type: 'object_left', zone: 'lane' }],
          },
          ...more,
        },
        reason: '新装',
      })
      expect(answer.status).toBe(200)
    }
    beforeAll(async () => {
      ensureWebApp()
      city = await startDashboard({ webFolder: WEB })
      await save(null, {})
    })
    afterAll(() => city[Symbol.asyncDispose]())

    it('is done by keyboard alone: five points, one moved, undo, redo, enable, save', {
      timeout: 240_000,
    }, async () => {
      await using browser = await launchChromium()
      const page = await openPage(browser, city.url)
      await logIn(page, 'admin')
      await page.goto(`/cameras/${CAMERA}/rules`)
      const surface = page.getByRole('application')
      await surface.waitFor()
      const press = async (...keys: readonly string[]) => {
        for (const key of keys) await page.keyboard.press(key)
      }
      const tabTo = async (name: string) => {
        for (let n = 0; n < 150; n++) {
          await page.keyboard.press('Tab')
          // Text, for the tests are not compiled for a browser.
          const here = await page.evaluate(
            `(() => { const e = document.activeElement; return e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent })()`,
          )
          if (String(here).startsWith(name)) return
        }
        throw new Error(`Tab never reached "${name}"`)
      }
      const point = (n: number) => page.locator(`[data-point="${n - 1}"]`).getAttribute('aria-label')

      await step(browser, 'five points', async () => {
        await press('n', 'Space', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Space', 'Shift+ArrowDown', 'Space')
        await press('Shift+ArrowDown', 'Shift+ArrowLeft', 'Space', 'Shift+ArrowLeft', 'Space', 'Enter')
        await page.getByRole('button', { name: /^zone-1 5 个点$/ }).waitFor()
      })
      await step(browser, 'one is moved by arrows, undone, redone', async () => {
        await tabTo('第 2 点，')
        await press('ArrowRight', 'ArrowRight', 'Shift+ArrowUp')
        expect(await point(2)).toBe('第 2 点，x 0.544，y 0.48')
        const outline = await page.evaluate(
          `getComputedStyle(document.activeElement.querySelector('.handle-reach')).stroke`,
        )
        expect(outline, 'the focus is seen').not.toBe('none')
        await press('Control+z')
        expect(await point(2)).toBe('第 2 点，x 0.54，y 0.5')
        await press('Control+Shift+z')
        expect(await point(2)).toBe('第 2 点，x 0.544，y 0.48')
        await press('Delete')
        await page.getByRole('button', { name: /^zone-1 4 个点$/ }).waitFor()
        await press('Control+z')
        await page.getByRole('button', { name: /^zone-1 5 个点$/ }).waitFor()
        await press('Escape', 'Escape')
      })
      await step(browser, 'the draft outlives the page', async () => {
        await page.reload()
        await page.getByRole('button', { name: /^zone-1 5 个点$/ }).waitFor()
      })
      await step(browser, 'a rule is added on the zone, disabled and enabled', async () => {
        await tabTo('添加规则')
        await page.keyboard.type('遗留')
        await press('Enter')
        await page.getByText('object-left', { exact: true }).waitFor()
        await page.getByRole('switch', { name: '启用规则 object-left' }).focus()
        await press('Space')
        await page.getByText('新增规则 object-left（遗留物）').waitFor()
        await press('Space')
      })
      await step(browser, 'it is saved with why', async () => {
        await page.getByText('启用的规则立即生效').waitFor()
        await page.getByLabel('为什么修改').focus()
        await page.keyboard.type('东侧新增通道')
        await press('Control+Enter')
        await page.getByText('没有修改。').waitFor()
      })
      const now = await stored()
      expect(now.version).toBe(2)
      expect(now.body.zones['zone-1']).toEqual([[0.5, 0.5], [0.544, 0.48], [0.54, 0.52], [0.52, 0.54], [0.5, 0.54]]) // biome-ignore format: one shape
      expect(now.body.zones.lane).toEqual(LANE)
      expect(now.body.rules).toEqual([
        { id: 'left', type: 'object_left', zone: 'lane' },
        { id: 'object-left', type: 'object_left' },
      ])
      const { items } = await (await city.as('admin')).json(`/api/config/camera/${CAMERA}/versions`)
      expect(items[0]).toMatchObject({ actor: 'admin', reason: '东侧新增通道' })
    })

    it('is done by mouse; a bad shape is refused at its place; another’s change is shown beside mine; an old version comes back', {
      timeout: 240_000,
    }, async () => {
      const before = await stored()
      await save(before.version, {})
      const { version } = await stored()
      await using browser = await launchChromium()
      const page = await openPage(browser, city.url)
      await logIn(page, 'admin')
      await page.goto(`/cameras/${CAMERA}/rules`)
      const surface = page.getByRole('application')
      await surface.waitFor()
      const box = async () => (await surface.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
      const at = async (x: number, y: number) => {
        const { x: left, y: top, width, height } = await box()
        return [left + x * width, top + y * height] as const
      }
      await step(browser, 'clicks draw, a double click closes, and the crossing is named', async () => {
        await page.getByRole('button', { name: /^画新区域/ }).click()
        for (const [x, y] of [[0.6, 0.2], [0.8, 0.4], [0.8, 0.2]] as const) await page.mouse.click(...(await at(x, y))) // biome-ignore format: one shape
        await page.mouse.dblclick(...(await at(0.6, 0.4)))
        await page.getByRole('button', { name: /^zone-1 4 个点$/ }).waitFor()
        await page.getByText('第 1 条边与第 3 条边相交').waitFor()
        await page.getByText('还有 1 处不能保存').waitFor()
      })
      await step(browser, 'a drag mends it; a click on a side adds a point', async () => {
        const from = await at(0.8, 0.4)
        await page.mouse.move(...from)
        await page.mouse.down()
        await page.mouse.move(...(await at(0.75, 0.15)), { steps: 5 })
        await page.mouse.move(...(await at(0.7, 0.1)), { steps: 5 })
        await page.mouse.up()
        await expect.poll(() => page.getByText('相交').count()).toBe(0)
        await page.mouse.click(...(await at(0.6, 0.27)))
        await page.getByRole('button', { name: /^zone-1 5 个点$/ }).waitFor()
      })
      await step(browser, 'a taken name is refused and stays typed', async () => {
        const name = page.getByLabel(/^区域名称/)
        await name.fill('lane')
        await page.getByText('此名称已用于另一个区域').waitFor()
        await name.fill('gate-east')
        await name.blur()
        await page.getByRole('button', { name: /^gate-east 5 个点$/ }).waitFor()
      })
      await step(browser, 'somebody else saves in between: nothing is lost', async () => {
        await save(version, { rules: [{ id: 'left', type: 'object_left', zone: 'lane', for: '45s' }] })
        await page.getByLabel('为什么修改').fill('东门改道')
        await page.getByRole('button', { name: /^保存并生效/ }).click()
        await page.getByText('他人已保存了新版本').waitFor()
        await page.getByText('由“默认值”改为“45 秒”').waitFor()
        await page.getByText('新增区域 gate-east（5 个点）').waitFor()
        await page.getByRole('button', { name: '以我的为准，再看差别' }).click()
        await page.getByText('由“45 秒”改为“默认值”').waitFor()
        await page.getByLabel('为什么修改').fill('东门改道')
        await page.getByRole('button', { name: /^保存并生效/ }).click()
        await page.getByText('没有修改。').waitFor()
        expect((await stored()).body.zones['gate-east']).toHaveLength(5)
      })
      await step(browser, 'an old version is one click away', async () => {
        await page.getByRole('button', { name: '恢复此版本' }).last().click()
        await page.getByText('删除区域 gate-east（5 个点）').waitFor()
        await page.getByLabel('为什么修改').fill('改回')
        await page.getByRole('button', { name: /^恢复此版本 Ctrl/ }).click()
        await expect.poll(async () => Object.keys((await stored()).body.zones)).toEqual(['lane'])
      })
    })

    it('has a point menu for a finger, and nothing to change for who may only read', {
      timeout: 240_000,
    }, async () => {
      await using browser = await launchChromium()
      const page = await (
        await browser.newContext({
          baseURL: city.url,
          locale: 'zh-CN',
          hasTouch: true,
          isMobile: true,
          viewport: { width: 768, height: 1024 },
        })
      ).newPage()
      await logIn(page, 'admin')
      await page.goto(`/cameras/${CAMERA}/rules`)
      await page.getByRole('button', { name: /^lane 4 个点$/ }).click()
      const handle = page.locator('[data-point="1"]')
      const reach = await handle.locator('.handle-reach').boundingBox()
      expect(reach?.width).toBeGreaterThanOrEqual(44)
      const [x, y] = [(reach?.x ?? 0) + 22, (reach?.y ?? 0) + 22]
      await step(browser, 'a point is held', async () => {
        const touch = await page.context().newCDPSession(page)
        await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] })
        await page.getByRole('group', { name: '点的操作' }).waitFor()
        await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
        await page.getByRole('button', { name: '删除此点' }).tap()
        await page.getByRole('button', { name: /^lane 3 个点$/ }).waitFor()
      })
      const reader = await openPage(browser, city.url)
      await logIn(reader, 'operator')
      await reader.goto(`/cameras/${CAMERA}/rules`)
      await reader.getByText('只读：只有管理员可以修改').waitFor()
      await reader.getByRole('button', { name: /^lane 4 个点$/ }).waitFor()
      expect(await reader.getByRole('button', { name: /^(画新区域|保存并生效|删除)/ }).count()).toBe(0)
    })
  },
)
