import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium } from '../../support/browser.ts'
import { missingService } from '../../support/services.ts'
import { addMatters, type DeskCity, type Matters, openDesk, startDeskCity } from './desk-city.ts'
import { DESKS } from './desks.ts'

/**
 * Gives the focus to each control in turn, as the keyboard does (a key was the last thing that happened), and says which
 * show nothing of it: neither they nor what is around or in them looks other than without the focus.
 */
const UNSEEN = `(async () => {
  const name = (e) => e.tagName.toLowerCase() + '.' + String(e.className?.baseVal ?? e.className).split(' ')[0] + ' "' + (e.getAttribute('aria-label') || e.textContent || e.id || '').trim().slice(0, 30) + '"'
  const around = (e) => [e, e.parentElement, e.parentElement?.parentElement, e.parentElement?.parentElement?.parentElement, ...e.parentElement.querySelectorAll('*')].filter(Boolean).slice(0, 40)
  const look = (e) => around(e).map((each) => {
    const style = getComputedStyle(each)
    return [style.outlineStyle === 'none' || style.outlineWidth === '0px' ? '' : style.outline, style.boxShadow, style.borderColor, style.stroke, style.opacity].join()
  }).join('|')
  const controls = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
    .filter((e) => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({ visibilityProperty: true }) && !e.closest('[inert]'))
  const unseen = []
  let seen = 0
  for (const each of controls) {
    const seenOf = async (wait) => {
      document.activeElement?.blur()
      await wait()
      const before = look(each)
      each.focus()
      await wait()
      return document.activeElement !== each || look(each) !== before
    }
    // Most show it at once; some (antd's lists of choice) draw it themselves, in the next frames.
    const shown = await seenOf(async () => undefined) || await seenOf(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    if (document.activeElement !== each) continue
    const box = each.getBoundingClientRect()
    const inside = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth
    if (!shown || !inside) unseen.push(name(each) + (inside ? '' : ' outside the window'))
    else seen += 1
  }
  return { seen, unseen }
})()`

/** What goes on and off by itself for good: cycles a second of each, with its element. Turning and moving is none. */
const FLASHING = `document.getAnimations().flatMap((animation) => {
  const { effect } = animation
  const { iterations, duration, direction } = effect.getComputedTiming()
  const flashes = effect.getKeyframes().some((frame) => Object.keys(frame).some((key) => /opacity|visibility|color|background|filter|display/i.test(key)))
  if (iterations <= 3 || !flashes) return []
  return [{ element: effect.target?.className ?? '', hertz: 1000 / (Number(duration) * (/alternate/.test(direction) ? 2 : 1)) }]
})`

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))(
  'by keyboard, with motion',
  { timeout: 60_000 },
  () => {
    let city: DeskCity
    let matters: Matters
    beforeAll(async () => {
      city = await startDeskCity()
      matters = await addMatters(city)
    })
    afterAll(() => city?.[Symbol.asyncDispose]())

    // Check 1 (the focus is always visible) and check 21 (nothing flashes; WCAG allows three a second, desks.md one).
    test.each(DESKS)('$name', async ({ who, path }) => {
      const context = await city.context(who, { reducedMotion: 'no-preference' })
      try {
        const page: Page = await context.newPage()
        await openDesk(page, path(matters))
        const flashing = await page.evaluate<{ hertz: number }[]>(FLASHING)
        // Colours that fade in would still be the old ones.
        await page.emulateMedia({ reducedMotion: 'reduce' })
        await page.keyboard.press('Tab')
        const { seen, unseen } = await page.evaluate<{ seen: number; unseen: string[] }>(UNSEEN)
        expect({ unseen, flashing: flashing.filter(({ hertz }) => hertz > 1) }).toEqual({
          ...{ unseen: [], flashing: [] },
        })
        expect(seen).toBeGreaterThan(0)
      } finally {
        await context.close()
      }
    })
  },
)
