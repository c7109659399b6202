import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DeskCity, openDesk, startDeskCity } from '../e2e/desks/desk-city.ts'
import { hasChromium } from '../support/browser.ts'
import { missingService } from '../support/services.ts'
import { insertAlert } from './matters.ts'

const PATIENT = { timeout: 60_000 }

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))('holds in the browser', () => {
  let city: DeskCity
  beforeAll(async () => {
    city = await startDeskCity()
    await city.dashboard.database.query(
      `insert into kept_recordings (id, camera, from_at, to_at, reason, kept_by)
       values ($1, 'works-chimney', now() - interval '2 minutes', now() - interval '1 minute', '事故现场', 'operator')`,
      [randomUUID()],
    )
  })
  afterAll(() => city?.[Symbol.asyncDispose]())

  test('a kept recording is held below the replay, listed with all holds, and released there', {
    timeout: 120_000,
  }, async () => {
    const page = await city.page('investigator')
    page.setDefaultTimeout(PATIENT.timeout)
    await openDesk(page, '/history?cameras=works-chimney')
    const kept = page.locator('.kept-list > li')
    await kept.getByRole('button', { name: '保全', exact: true }).click()
    await kept.getByRole('textbox').fill('交警调取')
    await kept.getByRole('textbox').press('Control+Enter')
    await kept.locator('.holds').getByText('交警调取').waitFor()
    await kept.getByText('已保全', { exact: true }).waitFor()

    await page.getByRole('navigation').getByRole('link', { name: '保全', exact: true }).click()
    const held = page.locator('.held-things > li')
    await held.getByText('存证的录像').waitFor()
    await expect
      .poll(() => held.getByRole('link').getAttribute('href'), PATIENT)
      .toMatch(/^\/history\?cameras=works-chimney&t=/)
    await held.getByRole('button', { name: '解除保全', exact: true }).click()
    await held.getByRole('textbox').fill('已移交')
    await held.getByRole('textbox').press('Control+Enter')
    await page.locator('#main').getByText('现在没有保全中的证据。').waitFor()
    await page.locator('#main').getByRole('checkbox').check()
    await held.getByText('已移交').waitFor()

    const auditor = await city.dashboard.as('auditor')
    expect(await auditor.json('/api/holds')).toMatchObject({
      open: 0,
      items: [{ reason: '交警调取', releasedBy: 'investigator', releaseReason: '已移交' }],
    })

    // An alert is named by its type and camera; its id is the link's title.
    const alert = await insertAlert(city.dashboard.database, { camera: 'kitchen', type: 'no_hat' })
    expect((await auditor.post(`/api/alerts/${alert}/holds`, { reason: '法院调取' })).status).toBe(201)
    await openDesk(page, '/holds')
    const named = held.filter({ hasText: '法院调取' })
    const link = named.getByRole('link', { name: '未戴工作帽', exact: true })
    await expect.poll(() => link.getAttribute('title'), PATIENT).toBe(alert)
    await named.getByText('后厨', { exact: true }).waitFor()
    await link.click()
    await page.waitForURL(`**/alerts/${alert}`)
  })
})
