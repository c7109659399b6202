import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium } from '../../support/browser.ts'
import { missingService } from '../../support/services.ts'
import { type DeskCity, type Look, type Matters, openDesk, startDeskCity } from './desk-city.ts'
import { DESKS, type Desk } from './desks.ts'
import { axeFaults } from './probes.ts'

const NOTHING: Matters = { alert: '7f7cf3e0-8b1c-4b4e-9a52-0d1e2c3b4a59', no: '2026-000001', waiting: '' }
const EMPTY = { language: 'en', colorScheme: 'dark' } as const satisfies Look
const FAILING = { language: 'zh-CN', colorScheme: 'light', serviceWorkers: 'block' } as const satisfies Look
/** Pages that are opened before their turn: until one says that the server fails, it asks twice more, and waits in between. */
const AHEAD = 4

const fails = async (page: Page): Promise<void> => {
  await page.route(/\/api\/(?!session|stream)/, (route) =>
    route.fulfill({
      status: 500,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        ...{ type: 'about:blank', title: 'fault', status: 500, code: 'internal', detail: 'the database' },
        ...{ instance: '/x', requestId: '0192f0c1-0000-7000-8000-000000000000' },
      }),
    }),
  )
}

// Check 3, on pages that have nothing to show; on those that have: pages.service.test.ts.
describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))('axe', { timeout: 60_000 }, () => {
  let city: DeskCity
  beforeAll(async () => {
    city = await startDeskCity()
  })
  afterAll(() => city?.[Symbol.asyncDispose]())

  async function open({ who, path }: Desk, look: Look, prepare?: typeof fails): Promise<Page> {
    const page = await city.page(who, look)
    await prepare?.(page)
    await openDesk(page, path(NOTHING))
    return page
  }

  describe('empty', () => {
    test.each(DESKS.filter((desk) => !desk.one))('$name', async (desk) => {
      const page = await open(desk, EMPTY)
      expect(await axeFaults(page)).toEqual([])
      await page.close()
    })
  })

  describe('when the server fails', () => {
    const desks = DESKS.filter(({ who, name }) => who !== null && name !== 'no such page')
    const opened = new Map<Desk, Promise<Page>>()
    function ahead(from: number): void {
      for (const desk of desks.slice(from, from + AHEAD)) {
        if (opened.has(desk)) continue
        const page = open(desk, FAILING, fails)
        page.catch(() => undefined) // told by the test whose turn it is
        opened.set(desk, page)
      }
    }
    test.each(desks.map((desk, at) => ({ ...desk, desk, at })))('$name', async ({ desk, at }) => {
      ahead(at)
      const page = await opened.get(desk)
      if (!page) throw new Error(`${desk.name} was not opened`)
      // A page in the background draws nothing.
      await page.bringToFront()
      expect(await axeFaults(page)).toEqual([])
      await page.close()
    })
  })
})
