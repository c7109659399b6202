import { join } from 'node:path'
import type { Browser as Chromium, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createMetrics } from '../../adapters/metrics.ts'
import { createCaseCommands } from '../../alerts/cases/commands.ts'
import { PEOPLE } from '../core/case-fixture.ts'
import { PASSWORD, startDashboard, type TestDashboard } from '../dashboard-api/dashboard.ts'
import { ensureWebApp, hasChromium, launchChromium, openPage } from '../support/browser.ts'
import { silentLog } from '../support/log.ts'
import { missingService } from '../support/services.ts'

const WEB = join(import.meta.dirname, '../../dashboard-api/web/dist')

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))('the desk of statistics', () => {
  let city: TestDashboard
  let chromium: Chromium
  let page: Page
  const foreign: string[] = []
  const numbers: string[] = []
  beforeAll(async () => {
    ensureWebApp()
    city = await startDashboard({ webFolder: WEB })
    const commands = createCaseCommands({
      ...{ database: city.database, clock: systemClock, log: silentLog, metrics: createMetrics() },
      ...{ channelKinds: [], publicUrl: null, jobs: { send: async () => undefined } },
    })
    for (const camera of ['works-chimney', 'kitchen', 'kitchen']) {
      const filing = { type: 'litter', place: '东关路', note: 'x', camera }
      numbers.push((await commands.file(filing, PEOPLE.operator)).no)
    }
    chromium = await launchChromium()
    page = await openPage(chromium, city.url)
    page.on('request', (request) => {
      if (/^https?:/.test(request.url()) && !request.url().startsWith(city.url)) foreign.push(request.url())
    })
    await page.goto('/statistics')
    await page.getByLabel('用户名').fill('operator')
    await page.getByLabel('密码').fill(PASSWORD)
    await page.getByRole('button', { name: '登录' }).click()
  })
  afterAll(async () => {
    await chromium?.close()
    await city?.[Symbol.asyncDispose]()
  })

  test('each figure leads to exactly its cases and back', async () => {
    const row = page.getByRole('row').filter({ hasText: '市场监管局' })
    await row.waitFor()
    await expect.poll(() => row.getByRole('link').first().textContent()).toBe('2')
    await row.getByRole('link').first().click()
    await page.getByRole('heading', { name: '立案数 · 分子' }).waitFor()
    const listed = page.getByRole('link', { name: /^\d{4}-\d{6}$/ })
    await expect.poll(() => listed.count()).toBe(2)
    expect((await listed.allTextContents()).toSorted()).toEqual(numbers.slice(1))
    await page.getByText('返回统计').click()
    await page.getByRole('row').filter({ hasText: '合计' }).first().waitFor()
  })

  test('the definitions stand on the page, and no request leaves the origin', async () => {
    await page.getByRole('heading', { name: '定义' }).waitFor()
    await page.getByText('应处置数').waitFor()
    await page.getByRole('heading', { name: '每名值班员每 10 分钟的告警' }).waitFor()
    expect(foreign).toEqual([])
  })

  test('health shows the cameras that nobody watches, and when that was read', async () => {
    await page.goto('/health')
    await page.getByRole('heading', { name: '覆盖与健康' }).waitFor()
    await page.getByRole('row').filter({ hasText: '三号烟囱' }).first().waitFor()
    await page.getByText('无人监测').first().waitFor()
    expect(foreign).toEqual([])
  })
})
