import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Json } from '../../dashboard-api/browser.ts'
import { picture } from '../../dashboard-api/matters.ts'
import { hasChromium } from '../../support/browser.ts'
import { missingService } from '../../support/services.ts'
import { addMatters, type DeskCity, type Matters, openDesk, settled, startDeskCity } from './desk-city.ts'
import { DESKS } from './desks.ts'
import { lostControls } from './probes.ts'

const SCRIPTS = `<img src=x onerror="document.title='taken'"></script><script>document.title='taken'</script><a href="javascript:document.title='taken'">javascript:alert(1)</a>=HYPERLINK("http://evil.example/","x")`
/** 500 characters without a place to break, with signs of every kind. */
const LONG_NAME =
  `${SCRIPTS.slice(0, 180)}${'很长的地名'.repeat(30)}👩‍👩‍👧‍👦\u202e𠮷\u202c${'x'.repeat(500)}`.slice(0, 500)
/** 40 lines; a verdict's remark has at most 2,000 characters. */
const LINES = [
  SCRIPTS,
  ...Array.from(
    { length: 39 },
    (_, n) => `${n} \u202eabc\u202c 😀 𠮷 ${SCRIPTS.slice(0, 14)}${'y'.repeat(12)}`,
  ),
]
const REMARK = LINES.join('\n')

/** Desks that show what people have typed. */
const SHOWN = DESKS.filter(
  ({ name }) => !['log-in', 'no such page', 'cameras', 'camera grid', 'filing'].includes(name),
)

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))(
  'hostile words',
  { timeout: 60_000 },
  () => {
    let city: DeskCity
    let matters: Matters
    const asked: string[] = []
    beforeAll(async () => {
      city = await startDeskCity()
      const { database } = city.dashboard
      await database.query(
        `update config_objects set body = jsonb_set(jsonb_set(body, '{name}', jsonb_build_object('zh', $1::text, 'en', $1::text)),
         '{place,address}', to_jsonb($1::text)) where kind = 'camera' and id = 'works-chimney'`,
        [LONG_NAME],
      )
      matters = await addMatters(city, { address: LONG_NAME, note: REMARK })
      await everyField(await city.dashboard.as('operator'), await city.dashboard.as('officer'))
    })
    afterAll(() => city?.[Symbol.asyncDispose]())

    /** Words of people into what the API takes them for, beside notes and places of cases. */
    async function everyField(operator: Browser, officer: Browser): Promise<void> {
      const { alert, waiting } = matters
      const ok = async (answer: Promise<Response>): Promise<Json> => {
        const response = await answer
        if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`)
        return response.status === 204 ? null : response.json()
      }
      const until = new Date(Date.now() + 3_600_000).toISOString()
      await ok(operator.post(`/api/alerts/${alert}/mute`, { until, reason: SCRIPTS.slice(0, 200) }))
      await ok(operator.post('/api/shifts', {}))
      await ok(operator.post('/api/shifts/end', { note: REMARK.slice(0, 4_000) }))
      const investigator = await city.dashboard.as('investigator')
      await ok(investigator.post(`/api/cases/${waiting}/holds`, { reason: SCRIPTS }))
      const version = async () => (await officer.json(`/api/cases/${waiting}`)).version
      await ok(officer.post(`/api/cases/${waiting}/commands`, { kind: 'accept', version: await version() }))
      const file = new FormData()
      file.set(
        'file',
        new Blob([new Uint8Array(await picture())], { type: 'image/jpeg' }),
        `${SCRIPTS.slice(0, 120)}.jpg`,
      )
      const { id } = await ok(officer.post(`/api/cases/${waiting}/attachments`, file))
      const report = { kind: 'report', version: await version(), note: REMARK, attachments: [id] }
      await ok(officer.post(`/api/cases/${waiting}/commands`, report))
      await configured('camera', 'works-chimney', { masking: { none: SCRIPTS } })
      await configured('department', 'ecology', { name: { zh: LONG_NAME, en: LONG_NAME } })
    }

    /** Through the editors of rules, departments and channels: taken over, changed, each with a reason. */
    async function configured(kind: string, id: string, more: object): Promise<void> {
      const admin = await city.dashboard.as('admin')
      const find = async (): Promise<Json> => {
        const { items } = await admin.json(`/api/config/${kind}`)
        return items.find((each: Json) => each.id === id)
      }
      const path = `/api/config/${kind}/${id}`
      const send = async (to: string, body: object) => {
        const answer = await admin.post(to, {
          version: (await find()).version,
          reason: SCRIPTS.slice(0, 300),
          ...body,
        })
        if (!answer.ok) throw new Error(`${to}: ${answer.status} ${await answer.text()}`)
      }
      await send(`${path}/hand`, { to: 'desk' })
      await send(path, { body: { ...(await find()).body, ...more } })
    }

    /** Listens for what a script would do: other requests, dialogs, refusals of the content security policy. */
    async function watched(page: Page, said: string[]): Promise<void> {
      page.on('dialog', (dialog) => {
        said.push(`dialog ${dialog.message()}`)
        void dialog.dismiss()
      })
      page.on('request', (request) => {
        asked.push(request.url())
        const { origin, pathname, protocol } = new URL(request.url())
        if (protocol.startsWith('http') && (origin !== city.dashboard.url || pathname.endsWith('/x')))
          said.push(`request ${request.url()}`)
      })
      page.on('console', (message) => {
        if (/Content Security Policy/i.test(message.text())) said.push(message.text())
      })
    }

    // Check 18 and check 19.
    test.each(SHOWN)('$name', async ({ who, path }) => {
      const page = await city.page(who)
      try {
        const said: string[] = []
        await watched(page, said)
        await openDesk(page, path(matters))
        const wide = await lostControls(page)
        await page.setViewportSize({ width: 360, height: 740 })
        await settled(page)
        const narrow = await lostControls(page)
        const made = await page.evaluate<string[]>(
          `[...document.querySelectorAll('main img[src$="/x"], main script, [onerror], a[href^="javascript"], a[href*="evil"]')].map((each) => each.outerHTML)`,
        )
        expect({ wide, narrow, made, said, title: (await page.title()) === 'taken' }).toEqual({
          ...{ wide: [], narrow: [], made: [], said: [], title: false },
        })
      } finally {
        await page.close()
      }
    })

    test('they are on the page as they were typed', async () => {
      const context = await city.context('officer')
      const page = await context.newPage()
      await openDesk(page, `/cases/${matters.waiting}`)
      const text = (await page.locator('main').textContent()) ?? ''
      expect(text).toContain(SCRIPTS)
      expect(text).toContain(LONG_NAME)
      expect(text).toContain(LINES[39])
      expect(asked.length).toBeGreaterThan(50)
      await context.close()
    })
  },
)
