import { AxeBuilder } from '@axe-core/playwright'
import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium } from '../../support/browser.ts'
import { missingService } from '../../support/services.ts'
import { addMatters, type DeskCity, type Look, type Matters, openDesk, startDeskCity } from './desk-city.ts'
import { DESKS, type Desk } from './desks.ts'

const NOTHING: Matters = { alert: '7f7cf3e0-8b1c-4b4e-9a52-0d1e2c3b4a59', no: '2026-000001', waiting: '' }
/** Each language once and each theme once. */
const LOOKS = {
  'zh light': { language: 'zh-CN', colorScheme: 'light' },
  'en dark': { language: 'en', colorScheme: 'dark' },
} as const satisfies Record<string, Look>

const fails = async (context: BrowserContext): Promise<void> => {
  await context.route(/\/api\/(?!session|stream)/, (route) =>
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

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))('axe', { timeout: 60_000 }, () => {
  let city: DeskCity
  let matters = NOTHING
  beforeAll(async () => {
    city = await startDeskCity()
  })
  afterAll(() => city?.[Symbol.asyncDispose]())

  /** Rules, with where and why, of what axe calls serious or critical. */
  async function found(
    desk: Desk,
    look: Look,
    prepare?: (context: BrowserContext) => Promise<void>,
  ): Promise<readonly string[]> {
    const context = await city.context(desk.who, look)
    try {
      await prepare?.(context)
      const page = await context.newPage()
      await openDesk(page, desk.path(matters))
      const { violations, passes } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
      expect(passes.length, 'axe looked at something').toBeGreaterThan(5)
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) =>
          nodes.slice(0, 3).map(({ target, any }) => `${id} ${target.join(' ')} ${any[0]?.message ?? ''}`),
        )
    } finally {
      await context.close()
    }
  }

  describe('empty', () => {
    test.each(DESKS.filter((desk) => !desk.one))('$name', async (desk) => {
      expect(await found(desk, LOOKS['en dark'])).toEqual([])
    })
  })

  describe('with data', () => {
    beforeAll(async () => {
      matters = await addMatters(city)
    })
    describe.each(Object.entries(LOOKS))('%s', (_, look) => {
      test.each(DESKS)('$name', async (desk) => {
        expect(await found(desk, look)).toEqual([])
      })
    })
  })

  describe('when the server fails', () => {
    test.each(DESKS.filter(({ who, name }) => who !== null && name !== 'no such page'))(
      '$name',
      async (desk) => {
        expect(await found(desk, LOOKS['zh light'], fails)).toEqual([])
      },
    )
  })
})
