import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureWebApp, hasChromium, launchChromium, openPage, step } from '../support/browser.ts'
import { listOfCameras } from '../support/camera-list.ts'
import { missingService } from '../support/services.ts'
import { PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts'

const WEB = resolve(import.meta.dirname, '../../dashboard-api/web/dist')

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))(
  'a list of cameras in a browser',
  () => {
    let city: TestDashboard
    beforeAll(async () => {
      ensureWebApp()
      city = await startDashboard({ webFolder: WEB })
    })
    afterAll(() => city[Symbol.asyncDispose]())

    it('shows all faults, saves the right lines, and the cameras are managed: one is removed and brought back', {
      timeout: 300_000,
    }, async () => {
      const { text } = listOfCameras(500)
      await using browser = await launchChromium()
      const page = await openPage(browser, city.url)
      const main = page.locator('#main')
      await page.goto('/login')
      await page.getByLabel('用户名').fill('admin')
      await page.getByLabel('密码').fill(PASSWORD)
      await page.getByRole('button', { name: '登录' }).click()
      await page.getByRole('button', { name: 'admin' }).waitFor()

      await step(browser, 'a workbook is no list', async () => {
        await page.goto('/cameras/import')
        const file = page.getByLabel('选择文件…').and(page.locator('input'))
        const workbook = Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0])
        await file.setInputFiles({ name: 'a.xlsx', mimeType: 'application/zip', buffer: workbook })
        await main.getByText('a.xlsx 不是 UTF-8 或 GB18030 的文本').waitFor()
        await file.setInputFiles({
          name: '清单.csv',
          mimeType: 'text/csv',
          buffer: Buffer.from(`\uFEFF${text}`),
        })
      })
      await step(browser, 'every fault is told by line and column', async () => {
        const faults = main.getByRole('region', { name: '7 处有误' })
        await faults.getByRole('row', { name: /^300 id 编号与第 3 行重复。/ }).waitFor()
        expect(await faults.getByRole('row').count()).toBe(8)
        await main.getByText('清单.csv（UTF-8）：500 行，新增 493，修改 0，相同 0，有误 7').waitFor()
      })
      await step(browser, 'the right lines are saved with why', async () => {
        await page.getByLabel('为什么修改').fill('批量接入')
        await main.getByRole('button', { name: /^只保存正确的 493 行/ }).click()
        await main.getByText('已保存：新增 493，修改 0，不变 0，未保存的错误行 7。').waitFor()
      })
      await step(browser, 'one is found, removed with why, and brought back', async () => {
        await main.getByRole('status').getByRole('link', { name: '摄像机管理' }).click()
        await main.getByText('495 / 495 路').waitFor()
        await page.getByLabel('按名称、编号、地址查找').fill('list-0042')
        await main.getByText('1 / 495 路').waitFor()
        await main.getByRole('button', { name: '移除 list-0042' }).click()
        const removing = main.getByRole('region', { name: '移除 list-0042' })
        await removing.getByLabel('为什么修改').fill('拆除')
        await removing.getByRole('button', { name: /^移除/ }).click()
        await main.getByText('没有符合条件的摄像机。').waitFor()
        const removed = main.getByRole('region', { name: '已移除的摄像机' })
        await removed.getByRole('button', { name: '恢复 list-0042' }).click()
        await removed.getByLabel('为什么修改').fill('装回')
        await removed.getByRole('button', { name: /^恢复 Ctrl/ }).click()
        await main.getByText('1 / 495 路').waitFor()
        await main.getByText('没有移除过摄像机。').waitFor()
      })
      const admin = await city.as('admin')
      const { items } = await admin.json('/api/config/camera/list-0042/versions')
      expect(items.map(({ reason }: { reason: string }) => reason)).toEqual(['装回', '拆除', '批量接入'])
    })
  },
)
