import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LiveViewer } from '../../../core/live.ts'
import { picture } from '../../dashboard-api/matters.ts'
import { hasChromium } from '../../support/browser.ts'
import { playLive } from '../../support/live-film.ts'
import { type LineState, type LiveLine, startLiveLine } from '../../support/live-line.ts'
import { missingService, onPath } from '../../support/services.ts'
import { type DeskCity, startDeskCity } from './desk-city.ts'

/** A busy machine takes its time; what never comes never comes. */
const PATIENT = { timeout: 60_000 }

describe.skipIf(
  missingService('ffmpeg', onPath('ffmpeg')) || missingService('Chromium (apt: chromium)', hasChromium()),
)('the live picture on a bad line', { timeout: 180_000 }, () => {
  let city: DeskCity
  let line: LiveLine
  let film: Disposable
  let page: Page
  beforeAll(async () => {
    city = await startDeskCity()
    line = await startLiveLine(city.dashboard.url)
    film = await playLive(city.dashboard.live.viewers.get('works-chimney') ?? new Set())
    const context = await city.context('operator')
    page = await context.newPage()
    await page.goto(`${line.url}/cameras/works-chimney`)
  })
  afterAll(async () => {
    await page?.context().close()
    film?.[Symbol.dispose]()
    await line?.[Symbol.asyncDispose]()
    await city?.[Symbol.asyncDispose]()
  })

  const badge = () => page.locator('#main .age-badge')
  const isLive = async () => {
    await expect.poll(() => badge().getAttribute('data-kind'), PATIENT).toBe('live')
    await expect.poll(() => badge().textContent(), PATIENT).toContain('不到 1 秒前')
  }
  const isGrey = async () => {
    await expect.poll(() => badge().getAttribute('data-kind'), PATIENT).toBe('old')
    await expect.poll(() => page.locator('#main .stall').textContent(), PATIENT).toMatch(/画面停滞 \d+ 秒/)
    expect(await page.locator('#main video').getAttribute('class')).toBe('greyed')
  }

  // Check 13. Its seconds are printed: a machine that does other work must not make the test fail.
  test.each<LineState>(['cut', 'stalled', 'slow'])(
    '%s: greyed with its age, and live again by itself',
    async (state) => {
      await isLive()
      const began = performance.now()
      line.set(state)
      await isGrey()
      const grey = performance.now() - began
      line.set('good')
      const back = performance.now()
      await isLive()
      const live = performance.now() - back
      process.stdout.write(
        `live line ${state}: greyed after ${(grey / 1_000).toFixed(1)} s (budget 6), live within a second ${(live / 1_000).toFixed(1)} s after (budget 10)\n`,
      )
    },
  )

  test('a buffer that the browser closes: another one takes its place', async () => {
    await isLive()
    await page.evaluate(`(() => {
      const video = document.querySelector('#main video')
      video.removeAttribute('src')
      video.load()
    })()`)
    // The badge keeps the last picture's time for a while: the new buffer has to have come first.
    await page.locator('#main video[src]').waitFor({ state: 'attached', ...PATIENT })
    await expect
      .poll(() => page.evaluate(`document.querySelector('#main video').readyState`), PATIENT)
      .toBeGreaterThanOrEqual(2)
    await isLive()
  })

  test('a browser that takes no data of the picture: the small video after three tries', async () => {
    const other = await page.context().newPage()
    await other.addInitScript(`SourceBuffer.prototype.appendBuffer = () => {
      throw new DOMException('it does not', 'NotSupportedError')
    }`)
    let opened = 0
    other.on('websocket', (socket) => {
      if (socket.url().includes('as=mpeg1')) return
      socket.on('framereceived', ({ payload }) => {
        if (typeof payload === 'string' && payload.includes('"mime"')) opened += 1
      })
    })
    await other.goto(`${line.url}/cameras/works-chimney`)
    await other.locator('#main canvas').waitFor({ state: 'attached', ...PATIENT })
    await expect.poll(() => opened, PATIENT).toBe(3)
    await other.close()
  })

  test('a tile that there was no room for: stills, and live by itself when there is', async () => {
    film[Symbol.dispose]()
    await page.goto('about:blank')
    const { viewers } = city.dashboard.live
    const known = new Set<LiveViewer>()
    /** Of the next line to the camera. */
    const next = async (): Promise<LiveViewer> => {
      const found = () => [...(viewers.get('works-chimney') ?? [])].find((viewer) => !known.has(viewer))
      await expect.poll(() => found() !== undefined, PATIENT).toBe(true)
      const viewer = found() as LiveViewer
      known.add(viewer)
      return viewer
    }
    await expect.poll(() => viewers.get('works-chimney')?.size, PATIENT).toBe(0)
    city.dashboard.live.picture = await picture(64, 36)
    const wall = await page.context().newPage()
    await wall.addInitScript('MediaSource.isTypeSupported = () => false')
    await wall.goto(`${line.url}/wall?cameras=works-chimney&tiles=4`)
    const tile = wall.locator('.wall-tile').filter({ hasText: '烟囱' })
    ;(await next()).init(Buffer.from('ftyp'), 'video/mp4; codecs="hvc1"')
    ;(await next()).ended('it makes as many as it may', 'too_many_requests')
    await expect.poll(() => tile.locator('canvas').evaluateAll(SHOWN), PATIENT).toEqual([false, true])
    const shown = async () => {
      for (const viewer of viewers.get('works-chimney') ?? []) {
        if (known.has(viewer)) continue
        known.add(viewer)
        viewer.init(Buffer.from('jsmp'), 'video/mp2t; codecs="mpeg1video"')
        viewer.fragment(Buffer.from('a picture'), { key: true, capturedAt: Date.now(), mediaMs: 0 })
      }
      return tile.locator('canvas').evaluateAll(SHOWN)
    }
    await expect.poll(shown, PATIENT).toEqual([true])
    await wall.close()
  })
})

/** Which of the pictures take room on the page. */
const SHOWN = (pictures: readonly unknown[]) =>
  pictures.map((each) => (each as { readonly offsetWidth: number }).offsetWidth > 0)
