import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD } from '../../dashboard-api/dashboard.ts'
import { insertAlert } from '../../dashboard-api/matters.ts'
import { hasChromium } from '../../support/browser.ts'
import { missingService } from '../../support/services.ts'
import { type DeskCity, startDeskCity } from './desk-city.ts'

const ALERTS = 20
const PATIENT = { timeout: 60_000 }
/** Keys of a verdict, in turn, and what is stored. */
const VERDICTS = [
  { keys: ['c'], stored: 'confirmed' },
  { keys: ['x', '1'], stored: 'light_or_weather' },
  { keys: ['c'], stored: 'confirmed' },
  { keys: ['x', '3'], stored: 'permitted_work' },
] as const

const CHOSEN = `document.querySelector('.feed-row[aria-selected="true"]')?.id.replace('alert-', '') ?? null`
/**
 * Where one stands is seen: the open row lies inside its list and has another ground than the row beside it, and what has
 * the focus besides, if anything, has a ring.
 */
const SEEN = `(() => {
  const row = document.querySelector('.feed-row[aria-selected="true"]')
  if (!row) return 'no row is chosen'
  const box = row.getBoundingClientRect()
  const list = row.closest('.feed-list').getBoundingClientRect()
  if (box.top < list.top - 1 || box.bottom > list.bottom + 1) return 'the row is outside the list'
  const other = document.querySelector('.feed-row[aria-selected="false"]')
  if (other && getComputedStyle(other).backgroundColor === getComputedStyle(row).backgroundColor) return 'the row looks like any other'
  const active = document.activeElement
  if (!active || active === document.body || active.matches('main, .panel')) return 'seen'
  const { outlineStyle, outlineWidth } = getComputedStyle(active)
  return outlineStyle !== 'none' && outlineWidth !== '0px' ? 'seen' : 'no ring: ' + active.outerHTML.slice(0, 120)
})()`

// Check 1, its first half; the case's way to its end is in story.service.test.ts.
describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))(
  'a shift by keyboard alone',
  () => {
    let city: DeskCity
    beforeAll(async () => {
      city = await startDeskCity()
      for (let n = 0; n <= ALERTS; n++)
        await insertAlert(city.dashboard.database, { openedAt: new Date(Date.now() - (n + 1) * 120_000) })
    }, 300_000)
    afterAll(() => city?.[Symbol.asyncDispose]())

    test('log in, judge 20 alerts in one go, file one: where one stands is always seen', {
      timeout: 240_000,
    }, async () => {
      const page = await (await city.context(null)).newPage()
      page.setDefaultTimeout(PATIENT.timeout)
      await page.goto('/login')
      // The field of the name has the focus by itself.
      await page.locator('#main, main').getByRole('textbox').first().waitFor()
      await page.keyboard.type('operator')
      await page.keyboard.press('Tab')
      await page.keyboard.type(PASSWORD)
      await page.keyboard.press('Enter')
      await page.locator('.feed-row').first().waitFor()

      const chosen = () => page.evaluate<string | null>(CHOSEN)
      const judged: { readonly id: string; readonly stored: string }[] = []
      const seen: unknown[] = []
      for (let n = 0; n < ALERTS; n++) {
        const before = await chosen()
        await page.keyboard.press('j')
        await expect.poll(async () => ![null, before].includes(await chosen()), PATIENT).toBe(true)
        const id = (await chosen()) ?? ''
        await page.waitForURL(`**/alerts/${id}*`)
        await page.locator('#main').getByRole('button', { name: /^属实/, disabled: false }).waitFor()
        const { keys, stored } = VERDICTS[n % VERDICTS.length] ?? VERDICTS[0]
        seen.push(await page.evaluate(SEEN))
        for (const key of keys) await page.keyboard.press(key)
        await page
          .locator('.head-facts')
          .getByText(stored === 'confirmed' ? '属实' : '误报')
          .first()
          .waitFor()
        seen.push(await page.evaluate(SEEN))
        judged.push({ id, stored })
      }
      expect(seen.filter((each) => each !== 'seen')).toEqual([])
      const verdicts = async () => {
        const { rows } = await city.dashboard.database.query<{ id: string; stored: string }>(
          'select id, coalesce(verdict_reason, verdict) as stored from alerts where verdict is not null',
        )
        return rows.toSorted((a, b) => a.id.localeCompare(b.id))
      }
      await expect.poll(verdicts, PATIENT).toEqual(judged.toSorted((a, b) => a.id.localeCompare(b.id)))

      await page.keyboard.press('j')
      const last = judged.at(-1)?.id
      await expect.poll(async () => ![null, last].includes(await chosen()), PATIENT).toBe(true)
      const id = await chosen()
      await page.waitForURL(`**/alerts/${id}*`)
      await page
        .locator('#main')
        .getByRole('button', { name: /^立案派遣/, disabled: false })
        .waitFor()
      await page.keyboard.press('f')
      const file = page.locator('#main').getByRole('button', { name: '属实并立案派遣' })
      await file.waitFor()
      await expect
        .poll(() => page.evaluate<string>('document.activeElement.textContent'), PATIENT)
        .toBe('属实并立案派遣')
      expect(await page.evaluate(SEEN)).toBe('seen')
      await page.keyboard.press('Enter')
      await expect
        .poll(async () => {
          const { rows } = await city.dashboard.database.query(
            'select state from cases where alert_id = $1',
            [id],
          )
          return rows
        }, PATIENT)
        .toEqual([{ state: 'pending_accept' }])
      await page.context().close()
    })
  },
)
