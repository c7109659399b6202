import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import type { Browser as Chromium, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { checkTree } from '../../alerts/audit/check.ts'
import { checkpointOnce } from '../../alerts/audit/checkpoints.ts'
import { createAuditLog } from '../../alerts/audit/log.ts'
import { sequenceOnce } from '../../alerts/changes/sequencer.ts'
import { parseVerifier, type VerifierKey, verifierText } from '../../core/audit/checkpoint.ts'
import { writeChange } from '../../core/changes.ts'
import type { Database } from '../../core/ports/database.ts'
import { PASSWORD, startDashboard, type TestDashboard } from '../dashboard-api/dashboard.ts'
import { ensureWebApp, hasChromium, launchChromium, openPage } from '../support/browser.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { missingService } from '../support/services.ts'
import { tempFolder } from '../support/temp-folder.ts'

const WEB = join(import.meta.dirname, '../../dashboard-api/web/dist')
const { privateKey: key } = generateKeyPairSync('ed25519')
const text = verifierText('sharp-eyes/test', key)
const verifier = parseVerifier(text) as VerifierKey

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))("the auditor's desk", () => {
  let city: TestDashboard
  let chromium: Chromium
  let page: Page
  let folder: Awaited<ReturnType<typeof tempFolder>>
  const deps = () => ({ database: city.database, clock: systemClock, log: silentLog })
  const check = async () => {
    await sequenceOnce({ ...deps(), metrics: recordingMetrics() })
    await checkpointOnce(
      { ...deps(), key, origin: 'sharp-eyes/test', folder: folder.path, secondFolder: null },
      0,
    )
    await checkTree({ ...deps(), verifier, folder: folder.path }, { checkpoints: 10, leaves: 1_000 })
  }
  beforeAll(async () => {
    ensureWebApp()
    folder = await tempFolder()
    const late: Database = {
      query: (sql, params) => city.database.query(sql, params),
      transaction: (work) => city.database.transaction(work),
      listen: (channel, told) => city.database.listen(channel, told),
    }
    city = await startDashboard({
      webFolder: WEB,
      audit: createAuditLog({ database: late, verifier: text }),
    })
    await city.database.transaction(async (tx) => {
      await writeChange(tx, {
        topic: 'look',
        key: 'case:2026-000001',
        payload: { who: 'lin', what: 'original', purpose: 'environment', reason: '核对车牌遮挡' },
      })
      // The clock of a case, and an account of before such names were refused, whose reason is the program's by chance.
      const timed = { topic: 'case', key: '2026-000001' } as const
      const resume = { kinds: ['resume'], actor: 'timer', reason: 'review date' }
      await writeChange(tx, { ...timed, payload: { ...resume, actorKind: 'machine' } })
      await writeChange(tx, { ...timed, payload: { ...resume, actorKind: 'person' } })
    })
    await check()
    chromium = await launchChromium()
    page = await openPage(chromium, city.url)
    await page.goto('/audit')
    await page.getByLabel('用户名').fill('auditor')
    await page.getByLabel('密码').fill(PASSWORD)
    await page.getByRole('button', { name: '登录' }).click()
  })
  afterAll(async () => {
    await chromium?.close()
    await city?.[Symbol.asyncDispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  test('finds who looked and why, by keyboard, and the search is in the list itself', async () => {
    await page.getByText(/日志 1–\d+ 完整/).waitFor()
    await page.getByLabel('人', { exact: true }).fill('lin')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('cell', { name: '核对车牌遮挡' }).waitFor()
    expect(new URL(page.url()).search).toBe('?who=lin')
    await expect.poll(() => page.getByRole('row').count()).toBe(2)
    await page.getByRole('link', { name: '案件 2026-000001', exact: true }).waitFor()
    await page.getByLabel('人', { exact: true }).fill('timer')
    await page.keyboard.press('Control+Enter')
    const rows = page.locator('#main tbody tr')
    const byMachine = rows.filter({ hasText: '系统 · 定时' })
    await byMachine.getByRole('cell', { name: '挂账到期', exact: true }).waitFor()
    const byPerson = rows.filter({ has: page.getByRole('cell', { name: 'timer', exact: true }) })
    await byPerson.getByRole('cell', { name: 'review date', exact: true }).waitFor()
    await page.getByLabel('人', { exact: true }).fill('auditor')
    await page.getByRole('button', { name: '查询' }).click()
    await page.getByRole('cell', { name: 'who=lin' }).waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: '导出 CSV' }).click()
    expect((await download).suggestedFilename()).toBe('audit.csv')
  })

  test('a log that was changed behind its back is a red page', async () => {
    await city.database.query(
      `update changes set payload = '{}' where topic = 'look' and payload ->> 'who' = 'lin'`,
    )
    await check()
    await page.goto('/audit')
    const alarm = page.getByRole('alert').filter({ hasText: '日志与签名的检查点不符' })
    await alarm.waitFor()
    expect(await alarm.textContent()).toMatch(/第 \d+ 条记录在写入之后被更改/)
    expect(await page.getByText(/完整 ✓/).count()).toBe(0)
  })
})
