import type { BrowserContext, BrowserContextOptions, Browser as Chromium, Page } from 'playwright-core'
import { expect } from 'vitest'
import { systemClock } from '../../../adapters/clock.ts'
import { runSequencer } from '../../../alerts/changes/sequencer.ts'
import type { Json } from '../../dashboard-api/browser.ts'
import { PASSWORD, startDashboard, type TestDashboard } from '../../dashboard-api/dashboard.ts'
import { insertAlert, insertEvidence, picture } from '../../dashboard-api/matters.ts'
import { ensureWebApp, launchChromium } from '../../support/browser.ts'
import { recordingMetrics, silentLog } from '../../support/log.ts'
import { BUILT_WEB } from '../../support/phone.ts'

export type Language = 'zh-CN' | 'en'

/** The real dashboard with the built pages, its change log, and a Chromium. */
export interface DeskCity extends AsyncDisposable {
  readonly dashboard: TestDashboard
  readonly chromium: Chromium
  /** A context of the person of this name; null: nobody is logged in. Motion is reduced unless `look` says otherwise. */
  context(who: string | null, look?: Look): Promise<BrowserContext>
  /**
   * A new page, in the one context that all pages of this person with this look have: what one has loaded and compiled, the
   * next one has at hand. For pages that are looked at and not worked on.
   */
  page(who: string | null, look?: Look): Promise<Page>
}

export interface Look extends BrowserContextOptions {
  readonly language?: Language
}

export async function startDeskCity(): Promise<DeskCity> {
  ensureWebApp()
  await using stack = new AsyncDisposableStack()
  const dashboard = stack.use(await startDashboard({ webFolder: BUILT_WEB }))
  dashboard.live.picture = await picture()
  const stop = new AbortController()
  const sequencing = runSequencer({
    ...{ database: dashboard.database, clock: systemClock, log: silentLog, metrics: recordingMetrics() },
    signal: stop.signal,
  })
  stack.defer(async () => {
    stop.abort()
    await sequencing
  })
  const chromium = await launchChromium()
  stack.defer(() => chromium.close())
  const held = stack.move()
  const cookies = new Map<string, string>()
  const shared = new Map<string, Promise<BrowserContext>>()
  const city: DeskCity = {
    dashboard,
    chromium,
    async context(who, { language = 'zh-CN', ...look } = {}) {
      const context = await chromium.newContext({
        ...{ baseURL: dashboard.url, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', reducedMotion: 'reduce' },
        ...{ viewport: { width: 1366, height: 768 }, ...look },
      })
      context.setDefaultTimeout(20_000)
      await context.addInitScript(`localStorage.setItem('sharp-eyes.language', '${language}')`)
      if (who === null) return context
      // One log-in a person: a hundred of them would meet the limit on guesses.
      const cookie = cookies.get(who)
      if (cookie) {
        await context.addCookies([{ name: 'sharp-eyes', value: cookie, url: dashboard.url }])
        return context
      }
      const answer = await context.request.post('/api/session', {
        data: { name: who, password: PASSWORD },
        headers: { 'X-Sharp-Eyes': '1', Origin: dashboard.url },
      })
      if (answer.status() !== 200) throw new Error(`log-in of ${who}: ${answer.status()}`)
      const set = (await context.cookies()).find(({ name }) => name === 'sharp-eyes')
      if (!set) throw new Error(`log-in of ${who} set no cookie`)
      cookies.set(who, set.value)
      return context
    },
    async page(who, look) {
      const key = JSON.stringify([who, look])
      const context = shared.get(key) ?? city.context(who, look)
      shared.set(key, context)
      return (await context).newPage()
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
  return city
}

/** What the desks show in these tests. */
export interface Matters {
  readonly alert: string
  /** In hand of the officer, who has accepted it. */
  readonly no: string
  /** Waits to be accepted. */
  readonly waiting: string
}

/** Words of a person, in Latin letters: a page in English must show no others. */
export const NOTE = 'Smoke above the works; go and look.'

/** Alerts to verify, one judged, one filed and accepted, one case by hand. `address` and `note`: the words in them. */
export async function addMatters(
  { dashboard }: DeskCity,
  { address = 'Works road 1', note = NOTE }: { address?: string; note?: string } = {},
): Promise<Matters> {
  const { database, evidenceStore } = dashboard
  const [operator, officer] = await Promise.all([dashboard.as('operator'), dashboard.as('officer')])
  const still = await picture()
  const fresh: string[] = []
  for (let n = 0; n < 4; n++) {
    const id = await insertAlert(database, { openedAt: new Date(Date.now() - (n + 1) * 60_000) })
    await insertEvidence(database, evidenceStore, id, 'still', 'masked', still)
    fresh.push(id)
  }
  const [alert = '', judged = '', filed = ''] = fresh
  await sent(operator.post(`/api/alerts/${judged}/verdict`, { verdict: 'rejected', reason: 'other', note }))
  const { no } = await sent(operator.post('/api/cases', { alertId: filed, note }))
  const { version } = await officer.json(`/api/cases/${no}`)
  await sent(officer.post(`/api/cases/${no}/commands`, { kind: 'accept', version }))
  await sent(operator.post(`/api/cases/${no}/remarks`, { note }))
  const byHand = { type: 'plume', place: address, note, camera: 'works-chimney' }
  const waiting = await sent(operator.post('/api/cases', byHand))
  return { alert, no, waiting: waiting.no }
}

async function sent(answer: Promise<Response>): Promise<Json> {
  const response = await answer
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`)
  return response.status === 204 ? null : response.json()
}

/** Opens `path` and waits until nothing on it is loading any more. */
export async function openDesk(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await settled(page)
}

/** Text is there, and nothing says that it is loading. */
export async function settled(page: Page): Promise<void> {
  const busy = `!document.querySelector('#root')?.textContent || document.querySelector('[aria-busy="true"]') !== null`
  await expect.poll(() => page.evaluate(busy), { timeout: 30_000, message: page.url() }).toBe(false)
  await page.waitForTimeout(150)
}
