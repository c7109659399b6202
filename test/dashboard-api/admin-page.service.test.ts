import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureWebApp, hasChromium, launchChromium, openPage, step } from '../support/browser.ts'
import { missingService } from '../support/services.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts'
import { PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts'

const WEB = resolve(import.meta.dirname, '../../dashboard-api/web/dist')
const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`

async function logIn(page: Page, name: string, password: string): Promise<void> {
  await page.goto('/login')
  await page.getByLabel('用户名').fill(name)
  await page.getByLabel('密码').fill(password)
  await page.getByRole('button', { name: '登录', exact: true }).click()
}

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))(
  'administration in a browser',
  () => {
    let city: TestDashboard
    let hook: WebhookReceiver
    let folder: string
    beforeAll(async () => {
      ensureWebApp()
      hook = await startWebhookReceiver(SECRET)
      folder = await mkdtemp(join(tmpdir(), 'admin-page-'))
      await writeFile(join(folder, 'water.whsec'), SECRET)
      city = await startDashboard({ webFolder: WEB })
    })
    afterAll(async () => {
      await city[Symbol.asyncDispose]()
      await hook[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    })

    it('adds a department and tests its channel, adds a person who logs in once, takes a route over and tries it', {
      timeout: 240_000,
    }, async () => {
      await using browser = await launchChromium()
      const page = await openPage(browser, city.url)
      await logIn(page, 'admin', PASSWORD)
      const main = page.locator('#main')
      const save = async (reason: string) => {
        await main.getByLabel('为什么修改').fill(reason)
        await main.getByRole('button', { name: /^保存并生效/ }).click()
      }
      await step(browser, 'a department with a channel is previewed and saved with why', async () => {
        await page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: '管理' }).click()
        await main.getByRole('link', { name: '部门与渠道' }).click()
        await main.getByRole('button', { name: '新增部门' }).click()
        await main.getByLabel(/^部门编号/).fill('water')
        await main.getByLabel('中文名称').fill('水务局')
        await main.getByLabel('英文名称').fill('Water bureau')
        await main.getByRole('combobox', { name: '添加渠道' }).click()
        await page.locator('.ant-select-item-option', { hasText: '网络回调' }).click()
        await main.getByLabel(/^地址/).fill('nowhere')
        // What the server would refuse is said before it is sent.
        await main.getByRole('list', { name: '服务器不会接受' }).getByText('channels.0.url').waitFor()
        await main.getByLabel(/^地址/).fill(hook.url)
        await main.getByLabel(/^签名密钥文件/).fill(join(folder, 'water.whsec'))
        await main.getByText('中文名称为“水务局”').waitFor()
        await save('新增水务局')
        await main.getByRole('heading', { name: '水务局' }).waitFor()
      })
      await step(browser, 'the channel’s real answer is shown', async () => {
        await main.getByRole('button', { name: '发送测试：渠道 1' }).click()
        await main.getByText(/^water\/1 已送达：http_204，\d+ 毫秒$/).waitFor()
        expect(hook.received.map(({ payload }) => payload.type)).toEqual(['channel.test'])
      })
      const password = await step(browser, 'a person is added and the password shown once', async () => {
        await main.getByRole('link', { name: '用户', exact: true }).click()
        await main.getByRole('button', { name: '新增用户' }).click()
        await main.getByLabel(/^用户名/).fill('water.duty')
        await main.getByRole('checkbox', { name: '部门经办人' }).check()
        await main
          .getByRole('list', { name: '服务器不会接受' })
          .getByText('部门经办人必须属于一个部门')
          .waitFor()
        await main.getByRole('combobox', { name: '部门' }).click()
        await page.locator('.ant-select-item-option', { hasText: '水务局' }).click()
        await save('新同事')
        const shown = main.locator('.one-time')
        await shown.waitFor()
        const text = (await shown.textContent()) ?? ''
        await main.getByRole('button', { name: '已交给本人，隐藏' }).click()
        await shown.waitFor({ state: 'detached' })
        await main.getByText('一次性密码，尚未修改').waitFor()
        return text
      })
      await step(browser, 'who has it is asked for an own one', async () => {
        const other = await openPage(browser, city.url)
        await logIn(other, 'water.duty', password)
        await other.getByRole('heading', { name: '设置新密码' }).waitFor()
        await other.context().close()
      })
      await step(browser, 'a route of the file is taken over, changed, and the trial follows', async () => {
        await main.getByRole('link', { name: '派遣路由' }).click()
        await main.getByRole('button', { name: /其余全部/ }).click()
        await main.getByText('由城市配置文件管理').waitFor()
        await main.getByRole('button', { name: '接管', exact: true }).click()
        await main.getByLabel('为什么修改').fill('由页面管理')
        await main.getByRole('button', { name: /^接管 Ctrl/ }).click()
        await main.getByRole('button', { name: '交还给文件' }).waitFor()
        await main.getByRole('combobox', { name: '主办部门' }).click()
        await page.locator('.ant-select-item-option:visible', { hasText: '水务局' }).click()
        await main.getByText('主办部门 由“生态环境局”改为“水务局”').waitFor()
        await save('改由水务局主办')
        await main.getByText('改由水务局主办').waitFor()
        await main.getByRole('button', { name: '试算' }).click()
        await main.getByText('匹配第 2 条路由（route-002）').waitFor()
        await main.getByRole('region', { name: '路由试算' }).getByText('主办 水务局').waitFor()
      })
      const { items } = await (await city.as('admin')).json('/api/config/route/route-002/versions')
      expect(items.map(({ reason }: { reason: string }) => reason)).toEqual([
        ...['改由水务局主办', '由页面管理', 'test'],
      ])
    })
  },
)
