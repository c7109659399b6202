import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Matters } from '../e2e/desks/desk-city.ts'
import { PASSWORD } from './city.ts'
import { ACCOUNTS, addressOf, type GuideLanguage, LANGUAGES, type Picture } from './pictures.ts'
import { until } from './until.ts'

const DESKTOP = { viewport: { width: 1366, height: 768 } }
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }
const LIMIT_MS = 60_000

/** Nothing loads any more, the change stream is there, every picture in sight has its pixels, and every live view moves. */
const SETTLED = `(() => {
  const text = document.querySelector('#root')?.textContent
  const clock = document.querySelector('.live-clock')
  const busy = document.querySelector('[aria-busy="true"], .age-badge[data-kind="none"]') !== null || clock && clock.dataset.kind !== 'live'
  const inSight = (element) => { const box = element.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight && box.width > 0 }
  const images = [...document.images].every((image) => image.complete && image.naturalWidth > 0 || !inSight(image))
  const films = [...document.querySelectorAll('video')].every((film) => film.readyState >= 2)
  return Boolean(text) && !busy && images && films
})()`

/** What is done on a page before it is photographed, by the name of its desk. */
const BEFORE: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'zones and rules': (page) => page.locator('#main').getByRole('button', { name: /^sky / }).click(),
  administration: (page) => page.locator('#main').getByText('urban.duty', { exact: true }).click(),
  routes: async (page) => {
    await page
      .locator('#main')
      .getByRole('button', { name: /^(试\s?算|Try)$/ })
      .click()
  },
  'replay of a case': async (page) => {
    for (let step = 1; step < 9; step++) await page.keyboard.press('ArrowRight')
  },
}

export interface Photographer {
  /** A case and an alert are held from now on: the list of holds has something to show. */
  hold(matters: Matters): Promise<void>
  take(picture: Picture, language: GuideLanguage, matters: Matters): Promise<Buffer>
}

/** Logs each person in once and photographs their desks. */
export function createPhotographer(chromium: Browser, url: string): Photographer {
  const HEADERS = { 'X-Sharp-Eyes': '1', Origin: url }
  const cookies = new Map<string, Awaited<ReturnType<BrowserContext['cookies']>>>()

  async function enter(context: BrowserContext, role: string): Promise<void> {
    const name = ACCOUNTS[role] ?? role
    const known = cookies.get(name)
    if (known) return context.addCookies(known)
    const answer = await context.request.post('/api/session', {
      data: { name, password: PASSWORD },
      headers: HEADERS,
    })
    if (!answer.ok()) throw new Error(`log-in of ${name}: ${answer.status()} ${await answer.text()}`)
    cookies.set(name, await context.cookies())
    if (name !== ACCOUNTS.operator) return
    const shift = await context.request.post('/api/shifts', { data: {}, headers: HEADERS })
    if (!shift.ok()) throw new Error(`the shift of ${name}: ${shift.status()} ${await shift.text()}`)
  }

  return {
    async hold({ no, alert }) {
      const context = await chromium.newContext({ baseURL: url })
      try {
        await enter(context, 'investigator')
        for (const [of, reason] of [
          [`cases/${no}`, '当事人申请复议，结案前保留全部证据'],
          [`alerts/${alert}`, '消防调查需要，保留告警的图片和视频'],
        ]) {
          const placed = await context.request.post(`/api/${of}/holds`, {
            data: { reason },
            headers: HEADERS,
          })
          if (!placed.ok()) throw new Error(`the hold of ${of}: ${placed.status()} ${await placed.text()}`)
        }
      } finally {
        await context.close()
      }
    },
    async take({ desk, phone }, language, matters) {
      const context = await chromium.newContext({
        ...{ baseURL: url, locale: LANGUAGES[language], timezoneId: 'Asia/Shanghai' },
        ...{ reducedMotion: 'reduce', colorScheme: desk.name === 'wall' ? 'dark' : 'light' },
        ...(phone ? PHONE : DESKTOP),
      })
      try {
        context.setDefaultTimeout(LIMIT_MS)
        await context.addInitScript(`localStorage.setItem('sharp-eyes.language', '${LANGUAGES[language]}')`)
        if (desk.who !== null) await enter(context, desk.who)
        const page = await context.newPage()
        await page.goto(addressOf(desk, matters))
        await settled(page)
        await unlockSound(page)
        await BEFORE[desk.name]?.(page)
        await settled(page)
        return await page.screenshot({ animations: 'disabled', caret: 'hide' })
      } finally {
        await context.close()
      }
    },
  }
}

async function settled(page: Page): Promise<void> {
  const ready = async () => (await page.evaluate(SETTLED)) === true
  await until(`${page.url()} shows everything`, ready, LIMIT_MS)
  // Charts and maps draw in the frames after their data.
  await page.waitForTimeout(1_000)
}

/** On duty any press turns the sound on, and the red bar goes; the page has to know of the shift first. */
async function unlockSound(page: Page): Promise<void> {
  const bar = page.locator('.bar[data-kind="offline"]')
  const gone = async () => {
    if ((await bar.count()) === 0) return true
    await page.keyboard.press('Shift')
    return false
  }
  await until(`${page.url()} sounds`, gone, LIMIT_MS)
}
