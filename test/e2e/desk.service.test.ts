import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { runSequencer } from '../../alerts/changes/sequencer.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { setPassword } from '../../dashboard-api/auth/credentials.ts'
import { PASSWORD, startDashboard, type TestDashboard } from '../dashboard-api/dashboard.ts'
import { insertAlert, insertEvidence, picture } from '../dashboard-api/matters.ts'
import { ensureWebApp, hasChromium, launchChromium, openPage } from '../support/browser.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { missingService } from '../support/services.ts'
import { logIn } from './people.ts'

/** A busy machine takes its time; a press that is lost never comes. */
const PATIENT = { timeout: 30_000 }

/** In the page: ms from each keydown to what it changes on screen, c: the verdict's word, j: the chosen row. */
const MEASURE = `(() => {
  window.times = []
  const judged = () => document.querySelector('.head-facts')?.textContent.includes('属实') ?? false
  const chosen = () => document.querySelector('.feed-row[aria-selected="true"]')?.id
  document.addEventListener('keydown', (event) => {
    const began = performance.now()
    const before = chosen()
    const look = () => {
      if (event.code === 'KeyC' ? judged() : chosen() !== before) window.times.push(performance.now() - began)
      else if (performance.now() - began < 5000) requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  }, true)
})()`
const CHOSEN = `document.querySelector('.feed-row[aria-selected="true"]')?.id ?? null`

const DIST = resolve(import.meta.dirname, '../../dashboard-api/web/dist')

/** The operator's desk in a real browser on the real server and database (desks.md, checks 5–9 and 17). */
describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))("the operator's desk", () => {
  let city: TestDashboard
  let browser: Browser
  let page: Page
  const stop = new AbortController()
  let sequencing: Promise<void>

  beforeAll(async () => {
    ensureWebApp()
    city = await startDashboard({ webFolder: DIST })
    const { database } = city
    await database.query(
      `insert into config_objects (kind, id, managed_by, version, body)
       values ('user', 'second', 'desk', 1, '{"name": "second", "roles": ["operator"]}')`,
    )
    await setPassword(database, 'second', PASSWORD, { mustChange: false })
    sequencing = runSequencer({
      database,
      clock: systemClock,
      log: silentLog,
      metrics: recordingMetrics(),
      signal: stop.signal,
    })
    browser = await launchChromium()
    page = await openPage(browser, city.url)
    await logIn(page, 'operator', PASSWORD)
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    stop.abort()
    await sequencing
    await city?.[Symbol.asyncDispose]()
  })

  const verdictOf = async (id: string) =>
    (
      await city.database.query<{ verdict: string | null; reason: string | null }>(
        'select verdict, verdict_reason as reason from alerts where id = $1',
        [id],
      )
    ).rows[0]
  const openRow = async (id: string) => {
    await page.goto(`/alerts/${id}`)
    await page.getByRole('button', { name: /^属实/ }).waitFor()
  }

  test('without a gesture it says that sound is off; starting the shift turns it on and asks', async () => {
    await page.getByText('声音未开启').waitFor()
    await page.goto('/cases')
    await page.getByText('声音未开启').waitFor()
    await page.goto('/alerts')
    await page.getByRole('button', { name: '开始值班' }).click()
    await page.getByText('听到了吗？').waitFor()
    await page.getByRole('button', { name: '听到了', exact: true }).click()
    await page.getByRole('button', { name: '交接班' }).waitFor()
    await expect.poll(() => page.getByText('声音未开启').count(), PATIENT).toBe(0)
  })

  test('a verdict by keys is undone by Ctrl+Z, and a held key judges at most once', async () => {
    const id = await insertAlert(city.database)
    await openRow(id)
    await page.keyboard.press('x')
    await page.keyboard.press('2')
    await page.getByRole('button', { name: /^撤销 \(\d+ 秒\)/ }).waitFor()
    await expect.poll(() => verdictOf(id), PATIENT).toEqual({ verdict: 'rejected', reason: 'wrong_object' })
    await page.keyboard.press('Control+z')
    await expect.poll(async () => (await verdictOf(id))?.verdict, PATIENT).toBeNull()
    await page.getByRole('button', { name: /^撤销 \(/ }).waitFor({ state: 'detached' })
    await page.locator('.head-facts').getByText('待核实').waitFor()
    await page.getByRole('button', { name: /^属实/, disabled: false }).waitFor()

    await page.keyboard.down('c')
    for (let i = 0; i < 40; i++) await page.keyboard.down('c') // the repeats of a held key
    await page.keyboard.up('c')
    await expect.poll(async () => (await verdictOf(id))?.verdict, PATIENT).toBe('confirmed')
    const { rows } = await city.database.query(
      'select n from verdicts where alert_id = $1 and ended is null',
      [id],
    )
    expect(rows).toEqual([{ n: 2 }])
    await page.getByRole('button', { name: /^撤销 \(\d+ 秒\)/ }).waitFor()
    await page.keyboard.press('Control+z')
    await expect.poll(async () => (await verdictOf(id))?.verdict, PATIENT).toBeNull()

    await page.getByRole('button', { name: /^暂缓至/, disabled: false }).waitFor()
    await page.keyboard.press('m')
    await page.getByRole('textbox', { name: /暂缓原因/ }).fill('cxjk 等洒水车')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('button', { name: '结束暂缓' }).waitFor()
    expect(await verdictOf(id)).toEqual({ verdict: null, reason: null })
    await page.goto('/alerts')
    await page.getByRole('link', { name: '暂缓 1' }).click()
    await page.getByRole('option').waitFor()
  })

  test('who was first is told, and who is looking is seen', async () => {
    const id = await insertAlert(city.database)
    const other = await openPage(browser, city.url)
    await logIn(other, 'second', PASSWORD)
    await other.goto(`/alerts/${id}`)
    await openRow(id)
    await page.getByText('second 正在看').first().waitFor()
    await other.getByText('operator 正在看').first().waitFor()
    // Both press in one second.
    await Promise.all([
      page.keyboard.press('c'),
      other.keyboard.press('x').then(() => other.keyboard.press('4')),
    ])
    const conflict = (on: Page) => on.getByText(/未保存：(operator|second) 已判为/)
    await expect
      .poll(async () => (await conflict(page).count()) + (await conflict(other).count()), PATIENT)
      .toBe(1)
    await other.context().close()
  })

  test('one verdict for a group after every still was on screen, and its undo', async () => {
    const { database, evidenceStore } = city
    const ids: string[] = []
    for (let i = 0; i < 3; i++) {
      const id = await insertAlert(database, { camera: 'kitchen', type: 'no_hat', rule: 'hats' })
      // At most one alert of a rule is open: the older ones have resolved.
      await database.query("update alerts set state = 'resolved', resolved_at = now() where id = $1", [id])
      await insertEvidence(
        database,
        evidenceStore,
        id,
        'still',
        'masked',
        await picture(640, 360, 60 + 40 * i),
        'kitchen',
      )
      ids.push(id)
    }
    await page.goto('/alerts?camera=kitchen&type=no_hat')
    await page.getByRole('button', { name: '整组研判' }).click()
    await page.getByText('3 条，图片均已看过').waitFor()
    await page.getByRole('button', { name: '误报 · 光影/天气' }).click()
    await page.getByText('3 条已判为误报').waitFor()
    for (const id of ids) expect((await verdictOf(id))?.verdict).toBe('rejected')
    await page.getByRole('button', { name: /^撤销 \(\d+ 秒\)/ }).click()
    await expect.poll(async () => (await verdictOf(ids[2] ?? ''))?.verdict, PATIENT).toBeNull()
  })

  test('the shift is handed over with a note that the next one takes', async () => {
    await page.getByRole('button', { name: '交接班' }).click()
    await page.getByText('待核实告警').waitFor()
    await page.getByRole('textbox', { name: /交班说明/ }).fill('三号烟囱请继续看')
    await page.getByRole('button', { name: /^交\s?班$/ }).click()
    await page.getByRole('button', { name: '开始值班' }).waitFor()
    const next = await openPage(browser, city.url)
    await logIn(next, 'second', PASSWORD)
    await next.getByRole('button', { name: '开始值班' }).click()
    await next.getByText('三号烟囱请继续看').waitFor()
    await next.getByRole('button', { name: '已阅读，接班' }).click()
    await next.getByText('听到了吗？').waitFor()
    const { rows } = await city.database.query('select taken_by from shifts where ended_at is not null')
    expect(rows).toEqual([{ taken_by: 'second' }])
    await next.context().close()
  })

  test('500 new alerts a minute while judging: the selection stays, no press is lost', {
    timeout: 240_000,
  }, async () => {
    const inbox = createInbox({
      database: city.database,
      clock: systemClock,
      log: silentLog,
      metrics: recordingMetrics(),
    })
    const ids: string[] = []
    for (let i = 0; i < 30; i++)
      ids.push(await insertAlert(city.database, { openedAt: new Date(Date.now() - i * 1_000) }))
    await openRow(ids[0] ?? '')
    await page.evaluate(MEASURE)
    const listed: string[] = []
    page.on('request', (request) => {
      if (new URL(request.url()).pathname === '/api/alerts') listed.push(request.url())
    })
    let sent = 0
    const flood = (async () => {
      for (let second = 0; second < 60; second++) {
        const now = Date.now()
        const batch = Array.from({ length: 9 }, () =>
          hazardMessage(
            hazardEvent({
              source: { kind: 'camera', id: 'works-chimney' },
              rule: { id: `flood-${sent++}`, version: '1' },
              since: now,
              startedAt: now,
              lastSeenAt: now,
            }),
            { kind: 'start', seq: 1, at: 0 },
          ),
        )
        await inbox.receive(batch)
        await sleep(Math.max(0, 1_000 - (Date.now() - now)))
      }
    })()
    // Alerts of the tests before lie among them by their times: what counts is what was on screen.
    const pressed = new Set<string>()
    let judged = 0
    let moved = 0
    const chosen = () => page.evaluate<string | null>(CHOSEN)
    const until = Date.now() + 58_000
    while (Date.now() < until && judged < 25) {
      const before = await chosen()
      await sleep(1_200)
      const after = await chosen()
      if (after !== before) {
        moved++
        process.stdout.write(`desk: the selection went from ${before} to ${after} by itself\n`)
      }
      pressed.add(new URL(page.url()).pathname.slice('/alerts/'.length))
      await page.keyboard.press('c')
      await page.locator('.head-facts').getByText('属实').first().waitFor()
      judged++
      await page.keyboard.press('j')
      // The row of the next one may be drawn a moment after it is chosen.
      await expect
        .poll(async () => {
          const now = await chosen()
          return now !== null && now !== before
        }, PATIENT)
        .toBe(true)
    }
    await flood
    // One page a second for the changes, and the pages below on the way down: not the whole list with each press.
    expect(listed.length).toBeLessThan(150)
    const times = (await page.evaluate<number[]>('window.times')).sort((a, b) => a - b)
    const p95 = times[Math.floor(times.length * 0.95)] ?? Number.NaN
    process.stdout.write(
      `desk: ${sent} new alerts in a minute, ${judged} judged, key → change p50 ${times[times.length >> 1]?.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms (budget 100 ms)\n`,
    )
    expect(moved).toBe(0)
    // The budget is printed; a machine that does other work at the same time must not make the test fail.
    expect(times[times.length >> 1]).toBeLessThan(300)
    expect(p95).toBeLessThan(1_000)
    // The last ones may be on their way to the server still.
    await expect
      .poll(async () => {
        const { rows } = await city.database.query<{ n: number }>(
          "select count(*)::int as n from alerts where verdict = 'confirmed' and id = any($1)",
          [[...pressed]],
        )
        return rows[0]?.n
      }, PATIENT)
      .toBe(judged)
    expect(pressed.size).toBe(judged)
    await page.goto('/alerts')
    await page.getByText(/告警洪峰：近10分钟 \d+ 条/).waitFor()
    await page.getByText(/\d+ 组，共 \d+ 条/).waitFor()
    const groups = await page.getByRole('option').count()
    expect(groups).toBeLessThan(10)
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(/camera=.*&type=/)
    await page.getByRole('button', { name: '整组研判' }).waitFor()
  })

  test('10,000 open alerts: the first rows at once, and never more than 300 in the page', async () => {
    await city.database.query(
      `insert into alerts (id, fingerprint, source_kind, source_id, rule_id, rule_version, type, zone, severity, purpose,
         state, started_at, since, last_seen_at, score, event_id, cause, opened_at)
       select gen_random_uuid(), 'many-' || i, 'camera', 'kitchen', 'many-' || i, '1', type, zone, 4, 'kitchen', 'firing',
              started_at, since, last_seen_at, score, event_id, cause, now() - i * interval '1 second'
         from generate_series(1, 10000) as i, (select * from alerts limit 1) as a`,
    )
    const began = performance.now()
    await page.goto('/alerts?rows=each')
    await page.getByRole('option').first().waitFor()
    const first = performance.now() - began
    const rows = await page.getByRole('option').count()
    process.stdout.write(
      `desk: 10,000 open alerts, page and first rows ${first.toFixed(0)} ms (budget 1 s), ${rows} rows in the page\n`,
    )
    expect(first).toBeLessThan(3_000)
    expect(rows).toBeLessThan(300)
  })
})
