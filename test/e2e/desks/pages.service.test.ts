import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { zh } from '../../../dashboard-api/web/src/words/zh.ts'
import { hasChromium } from '../../support/browser.ts'
import { missingService } from '../../support/services.ts'
import {
  addMatters,
  type DeskCity,
  type Look,
  type Matters,
  NOTE,
  openDesk,
  settled,
  startDeskCity,
} from './desk-city.ts'
import { DESKS, type Desk } from './desks.ts'
import { axeFaults, flashingOf, focusOf, lostControls, shownWords } from './probes.ts'

/** Names of the city of these tests, which are data: the pages show them as they are. */
const DATA = ['示例市', '学府路 1 号']
const RAW_KEY = new RegExp(`^(${Object.keys(zh).join('|')})(\\.\\w+)+$`)
/** Three words of a sentence in Latin letters; names of programs, ids and what a person wrote are none. */
const ENGLISH_WORDS = /\b[A-Za-z]?[a-z]+,?(?: [a-z]{2,},?){2,}/
const englishSentences = (words: readonly string[]) =>
  words.filter((text) => ENGLISH_WORDS.test(text) && !text.includes(NOTE))
const rawKeys = (words: readonly string[]) => words.filter((text) => RAW_KEY.test(text))

test('an English sentence is told from names and numbers', () => {
  const sentences = ['no worker has taken this camera yet', '连接中断：the connection broke, trying again']
  const others = ['Sharp Eyes 0.1.0', 'works-chimney', 'H.264 640×360', `备注：${NOTE}`, 'operator']
  expect(englishSentences([...sentences, ...others])).toEqual(sentences)
})

const CHINESE = {
  language: 'zh-CN',
  colorScheme: 'light',
  reducedMotion: 'no-preference',
} as const satisfies Look
const ENGLISH = { language: 'en', colorScheme: 'dark' } as const satisfies Look
const NARROW = { width: 320, height: 640 }
/** Opened as narrow as 400 % make it. */
const FORCED = {
  language: 'zh-CN',
  forcedColors: 'active',
  serviceWorkers: 'block',
  viewport: NARROW,
} as const satisfies Look

// A page is loaded once a look, and answers all that is asked of it there: loading is most of the time.
describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))(
  'each desk',
  { timeout: 60_000 },
  () => {
    let city: DeskCity
    let matters: Matters
    beforeAll(async () => {
      city = await startDeskCity()
      matters = await addMatters(city)
    })
    afterAll(() => city?.[Symbol.asyncDispose]())

    /** `prepare` runs before the page is opened. */
    async function open<T>(
      { who, path }: Desk,
      look: Look,
      work: (page: Page) => Promise<T>,
      prepare?: (page: Page) => Promise<void>,
    ): Promise<T> {
      const page = await city.page(who, look)
      try {
        await prepare?.(page)
        await openDesk(page, path(matters))
        return await work(page)
      } finally {
        await page.close()
      }
    }

    // Check 3; check 1 (the focus is always visible); check 21 (nothing flashes; WCAG allows three a second, desks.md one).
    test.each(DESKS)('Chinese, light: axe, focus, motion: $name', async (desk) => {
      const { seen, ...faults } = await open(desk, CHINESE, async (page) => {
        const flashing = (await flashingOf(page)).filter(({ hertz }) => hertz > 1)
        // Colours that fade in would still be the old ones.
        await page.emulateMedia({ reducedMotion: 'reduce' })
        const axe = await axeFaults(page)
        await page.keyboard.press('Tab')
        return { flashing, axe, ...(await focusOf(page)) }
      })
      expect(faults).toEqual({ flashing: [], axe: [], unseen: [] })
      expect(seen).toBeGreaterThan(0)
    })

    // Check 3; check 25; check 20. At 200 % a window of 1280×800 has 640×400 pixels of CSS; 320 px are 400 %.
    test.each(DESKS)('English, dark: axe, words, zoomed: $name', async (desk) => {
      const { words, ...faults } = await open(desk, ENGLISH, async (page) => {
        const axe = await axeFaults(page)
        const words = await shownWords(page)
        await page.setViewportSize({ width: 640, height: 400 })
        await settled(page)
        const zoomed = await lostControls(page)
        await page.setViewportSize(NARROW)
        await settled(page)
        return { axe, words, zoomed, narrow: await lostControls(page) }
      })
      expect(faults).toEqual({ axe: [], zoomed: [], narrow: [] })
      expect(words.length).toBeGreaterThan(2)
      expect(rawKeys(words)).toEqual([])
      const left = words.map((text) => DATA.reduce((rest, name) => rest.replaceAll(name, ''), text))
      expect(left.filter((text) => /\p{Script=Han}/u.test(text))).toEqual([])
    })

    // Check 21; check 25.
    test.each(DESKS)('forced colours: words, origin: $name', async (desk) => {
      const foreign: string[] = []
      const isForeign = ({ origin, protocol }: URL) =>
        protocol.startsWith('http') && origin !== city.dashboard.url
      const alone = async (page: Page) => {
        page.on('request', (request) => {
          if (isForeign(new URL(request.url()))) foreign.push(request.url())
        })
        await page.route(isForeign, (route) => route.abort())
      }
      const work = async (page: Page) => {
        const narrow = await lostControls(page)
        await page.setViewportSize({ width: 1366, height: 768 })
        await settled(page)
        const wide = await lostControls(page)
        const words = await shownWords(page)
        return { narrow, wide, raw: rawKeys(words), english: englishSentences(words) }
      }
      expect(await open(desk, FORCED, work, alone)).toEqual({
        ...{ narrow: [], wide: [], raw: [], english: [] },
      })
      expect(foreign).toEqual([])
    })
  },
)
