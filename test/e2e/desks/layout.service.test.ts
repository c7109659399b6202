import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { zh } from '../../../dashboard-api/web/src/words/zh.ts'
import { hasChromium } from '../../support/browser.ts'
import { missingService } from '../../support/services.ts'
import { addMatters, type DeskCity, type Matters, openDesk, settled, startDeskCity } from './desk-city.ts'
import { DESKS, type Desk } from './desks.ts'
import { lostControls, shownWords } from './probes.ts'

/** Names of the city of these tests, which are data: the pages show them as they are. */
const DATA = ['示例市', '学府路 1 号']
const PARTS = Object.keys(zh)
const RAW_KEY = new RegExp(`^(${PARTS.join('|')})(\\.\\w+)+$`)

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

    async function open<T>(
      desk: Desk,
      look: Parameters<DeskCity['context']>[1],
      work: (page: Page) => Promise<T>,
    ): Promise<T> {
      const context = await city.context(desk.who, look)
      try {
        const page = await context.newPage()
        await openDesk(page, desk.path(matters))
        return await work(page)
      } finally {
        await context.close()
      }
    }

    // Check 20. At 200 % a window of 1280×800 has 640×400 pixels of CSS; 320 px are 400 %.
    test.each(DESKS)('zoomed: $name', async (desk) => {
      const faults = await open(
        desk,
        { language: 'en', viewport: { width: 640, height: 400 } },
        async (page) => {
          const zoomed = await lostControls(page)
          await page.setViewportSize({ width: 320, height: 640 })
          await settled(page)
          return { zoomed, narrow: await lostControls(page) }
        },
      )
      expect(faults).toEqual({ zoomed: [], narrow: [] })
    })

    // Check 21 and check 25.
    test.each(DESKS)('forced colours, words, origin: $name', async (desk) => {
      const foreign: string[] = []
      const look = { language: 'zh-CN', forcedColors: 'active', serviceWorkers: 'block' } as const
      await open(desk, look, async (page) => {
        page.on('request', (request) => {
          if (/^https?:/.test(request.url()) && new URL(request.url()).origin !== city.dashboard.url)
            foreign.push(request.url())
        })
        await page.context().route(
          (url) => url.origin !== city.dashboard.url && url.protocol.startsWith('http'),
          (route) => route.abort(),
        )
        await page.reload()
        await settled(page)
        expect(await lostControls(page)).toEqual([])
        expect((await shownWords(page)).filter((text) => RAW_KEY.test(text))).toEqual([])
        await page.emulateMedia({ forcedColors: 'none', colorScheme: 'dark' })
        await page.evaluate(`localStorage.setItem('sharp-eyes.language', 'en')`)
      })
      await open(desk, { language: 'en', colorScheme: 'dark' }, async (page) => {
        const words = await shownWords(page)
        expect(words.length).toBeGreaterThan(2)
        expect(words.filter((text) => RAW_KEY.test(text))).toEqual([])
        const left = words.map((text) => DATA.reduce((rest, name) => rest.replaceAll(name, ''), text))
        expect(left.filter((text) => /\p{Script=Han}/u.test(text))).toEqual([])
      })
      expect(foreign).toEqual([])
    })
  },
)
