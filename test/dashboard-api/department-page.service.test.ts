import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { ensureWebApp, hasChromium, launchChromium, openPage, step } from '../support/browser.ts'
import { missingService } from '../support/services.ts'
import type { Json } from './browser.ts'
import { PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert, insertEvidence, picture } from './matters.ts'

const WEB = resolve(import.meta.dirname, '../../dashboard-api/web/dist')

async function file(city: TestDashboard, more: { purpose?: string } = {}): Promise<string> {
  const alertId = await insertAlert(city.database, more)
  await insertEvidence(
    city.database,
    city.evidenceStore,
    alertId,
    'still',
    'masked',
    await picture(640, 360, 60),
  )
  const answer = await (await city.as('operator')).post('/api/cases', { alertId })
  return ((await answer.json()) as Json).no
}

async function logIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('用户名').fill(name)
  await page.getByLabel('密码').fill(PASSWORD)
  await page.getByRole('button', { name: '登录' }).click()
}

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))(
  "a department's desk in a browser",
  () => {
    it('comes back to the case of a link, accepts a batch, reports, and is verified on newer evidence', {
      timeout: 240_000,
    }, async () => {
      ensureWebApp()
      await using city = await startDashboard({ webFolder: WEB })
      await using browser = await launchChromium()
      const no = await file(city)
      const [second, third] = [await file(city), await file(city)]
      const foreign = await file(city, { purpose: 'kitchen' })
      const page = await openPage(browser, city.url)

      await step(browser, 'a link of a message leads to the log-in and back to its case', async () => {
        await page.goto(`/cases/${no}`)
        await page.waitForURL(/\/login\?next=/)
        await logIn(page, 'officer')
        await page.waitForURL(`**/cases/${no}`)
        await page.getByRole('heading', { name: new RegExp(no) }).waitFor()
      })

      await step(browser, 'and so it does when the session ended while the page was open', async () => {
        await page.request.delete('/api/session', { headers: { 'X-Sharp-Eyes': '1', Origin: city.url } })
        await page.goto(`/cases/${second}`)
        await page.waitForURL(/\/login\?next=/)
        await logIn(page, 'officer')
        await page.waitForURL(`**/cases/${second}`)
      })

      await step(browser, "another department's case says why it is not shown", async () => {
        await page.goto(`/cases/${foreign}`)
        await page.getByText(`没有案件 ${foreign}，或不属于您所在的部门`).waitFor()
      })

      await step(browser, 'a batch accepts what it can and names what it cannot', async () => {
        await page.goto('/department')
        await page.getByRole('button', { name: '待签收 3' }).click()
        await page.getByRole('checkbox', { name: '全选待签收（3）' }).check()
        // Between looking and accepting, one was taken away.
        const operator = await city.as('operator')
        await page.route('**/api/cases?*', (route) => route.abort()) // the list does not hear of it
        const { version } = await operator.json(`/api/cases/${third}`)
        await operator.post(`/api/cases/${third}/commands`, { kind: 'void', version, reason: 'twice' })
        await page.getByRole('button', { name: '批量签收 3 件' }).click()
        const result = page.getByRole('status', { name: '批量签收结果' })
        await result.getByText('已签收 2 件。').waitFor()
        await result.getByRole('listitem').filter({ hasText: third }).waitFor()
        expect(await result.getByRole('listitem').count()).toBe(1)
        await page.unroute('**/api/cases?*')
        await page.reload()
        await page.getByRole('button', { name: '待签收 0' }).waitFor()
        await page.getByRole('button', { name: '处置中 2' }).waitFor()
      })

      await step(
        browser,
        'search and view are in the address, and the view is kept under a name',
        async () => {
          await page.getByRole('button', { name: '全部 2' }).click()
          await page.getByRole('row').filter({ hasText: second }).waitFor()
          await page.getByLabel('编号、地点、网格').fill(no)
          await page.waitForURL(new RegExp(`q=${no}`))
          await page.getByRole('row').filter({ hasText: second }).waitFor({ state: 'detached' })
          await page.getByRole('button', { name: '我的视图' }).click()
          await page.getByLabel('视图名称').fill('这一件')
          await page.getByRole('button', { name: '保存当前筛选' }).click()
          await page.getByRole('button', { name: '删除视图 这一件' }).waitFor()
          await page.goto('/department')
          await page.getByRole('button', { name: '我的视图' }).click()
          await page.getByRole('button', { name: '这一件', exact: true }).click()
          await page.waitForURL(new RegExp(`q=${no}`))
        },
      )

      await step(browser, 'the workbook is downloaded with the filter of the page', async () => {
        await page.getByRole('link', { name: '导出 Excel（1 件）' }).waitFor()
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('link', { name: '导出 Excel（1 件）' }).click(),
        ])
        expect(download.suggestedFilename()).toMatch(/^cases-.*\.xlsx$/)
      })

      const officer = await city.as('officer')
      const form = new FormData()
      form.append('file', new Blob([Buffer.from(await picture(640, 360, 200))]), 'after.jpg')
      const photo = (await (await officer.post(`/api/cases/${no}/attachments`, form)).json()) as Json
      const { version } = await officer.json(`/api/cases/${no}`)
      await officer.post(`/api/cases/${no}/commands`, {
        kind: 'report',
        version,
        note: 'done',
        attachments: [photo.id],
      })

      await step(browser, 'before and after are compared by keys and side by side', async () => {
        await page.goto(`/cases/${no}`)
        const handle = page.getByRole('slider', { name: '处置前后分界' })
        await handle.focus()
        await page.keyboard.press('Home')
        expect(await handle.inputValue()).toBe('0')
        await page.keyboard.press('ArrowRight')
        expect(await handle.inputValue()).toBe('1')
        await page.getByText('并排', { exact: true }).click()
        await page.getByRole('img', { name: '处置前' }).waitFor()
        await page.getByRole('img', { name: '处置后' }).waitFor()
        await page.getByText('反馈后无人监测，不能说明问题').waitFor()
      })

      await step(browser, 'a verifier passes it only with a photo of the own', async () => {
        const other = await openPage(browser, city.url)
        await other.goto('/department')
        await logIn(other, 'verifier')
        await other.getByRole('button', { name: '待核查 1', pressed: true }).waitFor()
        await other.getByRole('link', { name: no }).click()
        await other.getByRole('region', { name: '办理' }).getByRole('button', { name: '核查' }).click()
        const verify = other.getByRole('region', { name: '核查', exact: true })
        await verify.getByLabel('合格', { exact: true }).check()
        await verify.getByRole('textbox').fill('已整改')
        const send = verify.getByRole('button', { name: /^核查/ })
        expect(await send.isDisabled()).toBe(true)
        await verify.getByLabel('选择照片').setInputFiles({
          name: 'seen.jpg',
          mimeType: 'image/jpeg',
          buffer: await picture(640, 360, 150),
        })
        await verify.getByRole('checkbox', { name: 'seen.jpg', checked: true }).waitFor()
        await send.click()
        await other.locator('.head-facts').getByText('待结案').waitFor()
      })
    })
  },
)
