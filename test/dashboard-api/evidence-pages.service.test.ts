import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyPackFile } from '../../app/pack/verify.ts'
import { ensureWebApp, hasChromium, launchChromium, openPage, step } from '../support/browser.ts'
import { missingService } from '../support/services.ts'
import type { Json } from './browser.ts'
import { PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert, insertEvidence, picture } from './matters.ts'
import { createLogKey, keepLog } from './signed-log.ts'

const missing = missingService('Chromium (apt: chromium)', hasChromium())

interface Printed {
  /** Every ground that is shown. */
  readonly grounds: readonly string[]
  /** What only a screen can use. */
  readonly buttons: number
  /** Rules that the page made for the edges of its sheets. */
  readonly margins: readonly string[]
}

/** Runs in the page. */
const PRINTED = `(() => {
  const shown = [...document.querySelectorAll('#root *')].filter((each) => each.offsetParent)
  return {
    grounds: [...new Set([document.body, ...shown].map((each) => getComputedStyle(each).backgroundColor))],
    buttons: shown.filter((each) => each.matches('button, .topbar, .moves, kbd')).length,
    margins: document.adoptedStyleSheets.flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText)),
  }
})()`

describe.skipIf(missing)('evidence of a case in the browser', () => {
  let city: TestDashboard
  let chromium: Browser
  let page: Page
  let folder = ''
  let no = ''
  let alertId = ''
  const logKey = createLogKey(() => city.database)
  let keeping: AsyncDisposable

  beforeAll(async () => {
    ensureWebApp()
    folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-pages-'))
    city = await startDashboard({
      prover: logKey.prover,
      webFolder: resolve(import.meta.dirname, '../../dashboard-api/web/dist'),
    })
    const { database, evidenceStore } = city
    keeping = await keepLog(city.database, logKey, folder)
    alertId = await insertAlert(database)
    await insertEvidence(database, evidenceStore, alertId, 'still', 'masked', await picture())
    const filed = await (await city.as('operator')).post('/api/cases', { alertId })
    no = ((await filed.json()) as Json).no
    const officer = await city.as('officer')
    const { version } = await officer.json(`/api/cases/${no}`)
    await officer.post(`/api/cases/${no}/commands`, { kind: 'accept', version })
    chromium = await launchChromium()
    page = await openPage(chromium, city.url)
    const answer = await page.request.post('/api/session', {
      data: { name: 'investigator', password: PASSWORD },
      headers: { 'X-Sharp-Eyes': '1', Origin: city.url },
    })
    expect(answer.status()).toBe(200)
    await page.goto(`/cases/${no}`)
    await page.locator('.evidence-panel').waitFor()
  })
  afterAll(async () => {
    await chromium?.close()
    await keeping?.[Symbol.asyncDispose]()
    await city?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  test('holds, exports and verifies, by what is on the page', async () => {
    const panel = page.locator('.evidence-panel')
    await step(chromium, 'hold', async () => {
      await panel.getByRole('button', { name: /^保\s*全$/ }).click()
      await panel.getByLabel('原因').fill('法院调取')
      await page.keyboard.press('Control+Enter')
      await panel.getByText('法院调取').first().waitFor()
      await panel.getByText('已保全').waitFor()
    })
    await step(chromium, 'export', async () => {
      await panel.getByRole('button', { name: '导出证据包' }).click()
      await panel.getByLabel('原因').fill('移送')
      await panel.getByLabel(/^用途/).fill('(2026) 冀 01 民初 17 号')
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.keyboard.press('Control+Enter'),
      ])
      expect(download.suggestedFilename()).toBe(`${no}.zip`)
      const file = join(folder, 'pack.zip')
      await download.saveAs(file)
      const verdict = await verifyPackFile(file)
      expect(verdict).toMatchObject({ intact: true, case: no })
      await panel.getByText(verdict.manifestSha256 ?? 'no hash').waitFor()
    })
  })

  test('a replay goes by keys, slider and address', async () => {
    await page.goto(`/cases/${no}/replay`)
    const slider = page.getByRole('slider', { name: '回放位置' })
    await slider.waitFor()
    const at = () => new URL(page.url()).searchParams.get('step')
    // The log may grow while the page is open: the end is where it is when the key is pressed.
    const atEnd = async () => {
      await page.keyboard.press('End')
      return at() === (await slider.getAttribute('max'))
    }
    await expect.poll(atEnd).toBe(true)
    const last = at()
    expect(Number(last)).toBeGreaterThan(5)
    // In one frame, before the page has drawn anything: each key goes on from the one before it.
    await page.evaluate(`for (const code of ['ArrowLeft', 'ArrowLeft', 'ArrowLeft', 'ArrowRight'])
      document.body.dispatchEvent(new KeyboardEvent('keydown', { code, key: code, bubbles: true, cancelable: true }))`)
    await expect.poll(at).toBe(String(Number(last) - 2))
    await page.keyboard.press('Home')
    await expect.poll(at).toBe('1')
    await page.locator('.replay-world').getByText('尚未立案').first().waitFor()
    await slider.focus()
    await page.keyboard.press('ArrowRight')
    await expect.poll(at).toBe('2')
    await page.getByRole('button', { name: '证据保全' }).click()
    await page.locator('.replay-world').getByText('法院调取').first().waitFor()
    await page.reload()
    await page.locator('.replay-world').getByText('法院调取').waitFor()
    await page.keyboard.press('Escape')
    await page.waitForURL(`**/cases/${no}`)
  })

  test('a case on paper: A4, white, text that can be selected, number, page and hashes on each sheet', async () => {
    for (const theme of ['light', 'dark']) {
      await page.evaluate(`localStorage.setItem('sharp-eyes.theme', '${theme}')`)
      await page.goto(`/cases/${no}`)
      await page.locator('.evidence-panel').waitFor()
      await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
      await page.emulateMedia({ media: 'print' })
      const seen: Printed = await page.evaluate(PRINTED)
      await page.emulateMedia({ media: null })
      expect(seen.grounds.filter((color) => !/^rgba?\((255, 255, 255|0, 0, 0, 0)/.test(color))).toEqual([])
      expect(seen.buttons).toBe(0)
      const { logSha256, log } = await (await city.as('investigator')).json(`/api/cases/${no}`)
      const exported = log.findLast(({ kind }: Json) => kind === 'exported')
      for (const words of [
        `案件 ${no}`,
        logSha256,
        exported.data.manifest,
        'counter(page)',
        'counter(pages)',
      ])
        expect(seen.margins.join('\n')).toContain(words)
    }
    const path = join(folder, 'case.pdf')
    await page.pdf({ path, preferCSSPageSize: true })
    const pdf = await readFile(path, 'latin1')
    const sheets = [...pdf.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)]
    expect(sheets.length).toBeGreaterThan(0)
    for (const [, width, height] of sheets) {
      expect(Math.abs(Number(width) - 595.3)).toBeLessThan(1)
      expect(Math.abs(Number(height) - 841.9)).toBeLessThan(1)
    }
    expect(pdf).toContain('/ToUnicode')
  })

  test("an alert's own pictures are held and released on its page", async () => {
    await page.goto(`/alerts/${alertId}?view=all`)
    const panel = page.locator('.alert-view .evidence-panel')
    await panel.getByRole('button', { name: '保全' }).click()
    await panel.getByLabel('原因').fill('复核光照')
    await page.keyboard.press('Control+Enter')
    const hold = panel.locator('.holds > li')
    await hold.getByText('复核光照').waitFor()
    await panel.getByText('已保全').waitFor()
    await hold.getByRole('button', { name: '解除保全' }).click()
    await hold.getByLabel('原因').fill('复核完毕')
    await page.keyboard.press('Control+Enter')
    await hold.getByText('已由 investigator 解除：复核完毕').waitFor()
    const { rows } = await city.database.query(
      "select released_by from holds where owner_kind = 'alert' and owner_id = $1",
      [alertId],
    )
    expect(rows).toEqual([{ released_by: 'investigator' }])
  })
})
