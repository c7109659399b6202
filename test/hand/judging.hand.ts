import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { insertAlert } from '../dashboard-api/matters.ts'
import { type DeskCity, startDeskCity } from '../e2e/desks/desk-city.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { openCdp, say } from './measure.ts'

const MINUTES = Number(process.env.JUDGE_MINUTES ?? 5)
/** A file for the browser's processor profile of the whole run; it costs time itself. */
const PROFILE = process.env.JUDGE_PROFILE
const A_SECOND = 17
/** Alerts that lie open before the first press: more than can be judged. */
const BEFORE = Math.ceil(60 * MINUTES)

const PATIENT = { timeout: 30_000 }

let city: DeskCity
beforeAll(async () => {
  city = await startDeskCity()
})
afterAll(() => city?.[Symbol.asyncDispose]())

/** In the page: ms from each keydown to the picture in which its effect is on screen, by the key's code. */
const MEASURE = `(() => {
  window.times = { KeyC: [], KeyJ: [] }
  const judged = () => document.querySelector('.head-facts')?.textContent.includes('属实') ?? false
  const chosen = () => document.querySelector('.feed-row[aria-selected="true"]')?.id
  document.addEventListener('keydown', (event) => {
    const began = performance.now()
    const before = chosen()
    const look = () => {
      if (event.code === 'KeyC' ? judged() : chosen() !== before) window.times[event.code].push(performance.now() - began)
      else if (performance.now() - began < 5000) requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  }, true)
})()`
const CHOSEN = `document.querySelector('.feed-row[aria-selected="true"]')?.id ?? null`

const at = (times: readonly number[], share: number) =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * share)]?.toFixed(0)

test(`check 6: 1,000 new alerts a minute while judging, ${MINUTES} min`, async () => {
  const { database } = city.dashboard
  const inbox = createInbox({ database, clock: systemClock, log: silentLog, metrics: recordingMetrics() })
  for (let i = 0; i < BEFORE; i++) await insertAlert(database, { openedAt: new Date(Date.now() - i * 1_000) })
  const context = await city.context('operator', { serviceWorkers: 'block' })
  const page = await context.newPage()
  await page.goto('/alerts?rows=each')
  await page.getByRole('option').first().click()
  await page.locator('.head-facts').waitFor()
  await page.evaluate(MEASURE)
  const asked = new Map<string, number>()
  page.on('request', (request) => {
    const path = new URL(request.url()).pathname.replace(/[0-9a-f-]{36}/, '{id}')
    const name = `${request.method()} ${path}`
    asked.set(name, (asked.get(name) ?? 0) + 1)
  })
  const cdp = await openCdp(page)
  if (PROFILE) {
    await cdp.send('Profiler.enable')
    await cdp.send('Profiler.start')
  }
  const until = Date.now() + MINUTES * 60_000
  let sent = 0
  const flood = (async () => {
    while (Date.now() < until) {
      const now = Date.now()
      const batch = Array.from({ length: A_SECOND }, () =>
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
  const chosen = () => page.evaluate<string | null>(CHOSEN)
  const pressed: string[] = []
  let moved = 0
  const began = Date.now()
  while (Date.now() < until) {
    const before = await chosen()
    await sleep(1_200)
    const after = await chosen()
    if (after !== before) {
      moved++
      say(`the selection went from ${before} to ${after} by itself`)
    }
    pressed.push(new URL(page.url()).pathname.slice('/alerts/'.length))
    await page.keyboard.press('c')
    await page.locator('.head-facts').getByText('属实').first().waitFor()
    await page.keyboard.press('j')
    await expect
      .poll(async () => {
        const now = await chosen()
        return now !== null && now !== before
      }, PATIENT)
      .toBe(true)
  }
  const minutes = (Date.now() - began) / 60_000
  await flood
  if (PROFILE) {
    const { profile } = await cdp.send('Profiler.stop')
    await writeFile(PROFILE, JSON.stringify(profile))
  }
  const { KeyC, KeyJ } = await page.evaluate<{ KeyC: number[]; KeyJ: number[] }>('window.times')
  const all = [...KeyC, ...KeyJ]
  say(
    `judging: ${sent} new alerts in ${MINUTES} min, ${pressed.length} judged, the selection moved by itself ${moved} times; key → change p50 ${at(all, 0.5)} ms, p95 ${at(all, 0.95)} ms (budget 100); ` +
      `verdict ${at(KeyC, 0.5)} and ${at(KeyC, 0.95)}, next row ${at(KeyJ, 0.5)} and ${at(KeyJ, 0.95)}`,
  )
  const often = [...asked]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, n]) => `${name} ${(n / minutes).toFixed(0)}`)
  say(`requests a minute: ${often.join(', ')}`)
  expect(moved).toBe(0)
  await expect
    .poll(
      async () =>
        (
          await database.query<{ n: number }>(
            `select count(*)::int as n from alerts where id = any($1) and verdict = 'confirmed'`,
            [pressed],
          )
        ).rows[0]?.n,
      { timeout: 30_000 },
    )
    .toBe(new Set(pressed).size)
  await context.close()
})
