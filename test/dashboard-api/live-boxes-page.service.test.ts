import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createRemoteLiveSource } from '../../adapters/live/remote.ts'
import { startBoxWorker } from '../support/box-worker.ts'
import { ensureWebApp, hasChromium, launchChromium, openPage, step } from '../support/browser.ts'
import { liveCamera } from '../support/live-child.ts'
import { locatorModelFile } from '../support/locator-model.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { makeNumberedFilm, readNumber } from '../support/numbered-film.ts'
import { hasRtspServer, RTSP_SERVICE, startRtspServer } from '../support/rtsp.ts'
import { missingService, onPath } from '../support/services.ts'
import { PASSWORD, startDashboard } from './dashboard.ts'

const CAMERA = 'works-chimney'
const WEB = resolve(import.meta.dirname, '../../dashboard-api/web/dist')
const PATIENT = { timeout: 60_000 }
const BUSY = { timeout: 120_000 }
const FRAME_MS = 40
/**
 * Pictures in which the thing crosses the frame, and how far it gets with each: it is back where it was only when the
 * tracker has forgotten it, or it would be taken for one that stands.
 */
const WAY = 96
const STEP = 0.8 / WAY
const THING = { width: 0.12, middle: 0.75, height: 0.2 }
const middleOf = (index: number) => 0.1 + STEP * (index % WAY)
/** Pictures of the film before it begins anew; whole ways, so that a place on the way says the same each time. */
const FILM = WAY * 5
const ROUNDS = 16

/** The thing crosses the frame again and again, for five minutes. */
async function crossingFilm(folder: string): Promise<string> {
  const [once, film] = [join(folder, 'once.mp4'), join(folder, 'film.mp4')]
  const [wide, high] = [THING.width / 2, THING.height / 2]
  await makeNumberedFilm({
    path: once,
    frames: FILM,
    thing: (index) => {
      const middle = middleOf(index)
      return [middle - wide, THING.middle - high, middle + wide, THING.middle + high]
    },
  })
  const loop = ['-stream_loop', String(ROUNDS - 1), '-i', once, '-c', 'copy', film]
  await promisify(execFile)('ffmpeg', ['-hide_banner', '-loglevel', 'error', ...loop])
  return film
}

interface Sample {
  readonly number: number | null
  /** Of the picture on screen. */
  readonly mediaMs: number
  /** Of the picture that the box says it belongs to, and the box's middle; null: none is drawn. */
  readonly box: { readonly mediaMs: number; readonly middle: number } | null
}

/** Runs in the browser: the next pictures as they come on screen, with the box that is drawn when each is painted. */
const WATCH = `(pictures) => new Promise((done, fail) => {
  const video = document.querySelector('#main video')
  const canvas = document.createElement('canvas')
  canvas.width = 12
  canvas.height = 4
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const seen = []
  const short = () => fail(new Error(seen.length + ' of ' + pictures + ' pictures came on screen in two minutes'))
  const limit = setTimeout(short, 120_000)
  const onFrame = (_now, { mediaTime }) => {
    context.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / 8, 0, 0, 12, 4)
    const pixels = [...context.getImageData(0, 0, 12, 4).data]
    requestAnimationFrame(() => {
      const overlay = document.querySelector('#main .live-boxes')
      const line = overlay?.querySelector('.box-line')
      const box = line && {
        mediaMs: Number(overlay.dataset.mediaMs),
        middle: Number(line.getAttribute('x')) + Number(line.getAttribute('width')) / 2,
      }
      seen.push({ pixels, mediaMs: mediaTime * 1000, box: box ?? null })
      if (seen.length === pictures) {
        clearTimeout(limit)
        done(seen)
      } else video.requestVideoFrameCallback(onFrame)
    })
  }
  video.requestVideoFrameCallback(onFrame)
})`

async function watch(page: Page, pictures: number): Promise<readonly Sample[]> {
  const seen = (await page.evaluate(`(${WATCH})(${pictures})`)) as (Omit<Sample, 'number'> & {
    pixels: number[]
  })[]
  return seen.map(({ pixels, mediaMs, box }) => {
    const rgb = Uint8Array.from(pixels.filter((_, index) => index % 4 !== 3))
    return { number: readNumber({ rgb, width: 12, height: 8 }), mediaMs, box }
  })
}

const middleNumber = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
/** How far `a` is after `b` where both begin anew after `round`: from -round / 2 to round / 2. */
const after = (a: number, b: number, round: number) => {
  const ahead = (((a - b) % round) + round) % round
  return ahead > round / 2 ? ahead - round : ahead
}

describe.skipIf(
  missingService('ffmpeg', onPath('ffmpeg')) ||
    missingService(RTSP_SERVICE, hasRtspServer()) ||
    missingService('Chromium (apt: chromium)', hasChromium()),
)('boxes on the live picture', () => {
  it('are asked for by a key, lie where the thing is in the picture that they belong to, and cost nothing else', {
    timeout: 300_000,
  }, async () => {
    ensureWebApp()
    const folder = await mkdtemp(join(tmpdir(), 'live-boxes-'))
    await using stack = new AsyncDisposableStack()
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const film = await crossingFilm(folder)
    const modelFile = await locatorModelFile(folder, THING)
    const browser = stack.use(await launchChromium())
    const rtsp = stack.use(await startRtspServer({ mounts: [{ path: '/yard', film, codec: 'h264' }] }))
    const camera = liveCamera(CAMERA, { url: rtsp.url('/yard'), rules: [{ id: 'fire', type: 'fire' }] })
    const worker = stack.use(await startBoxWorker(folder, camera, modelFile))
    const live = stack.use(
      createRemoteLiveSource({
        lookup: async () => worker.endpoint,
        ...{ clock: systemClock, log: silentLog, metrics: recordingMetrics() },
      }),
    )
    const city = stack.use(await startDashboard({ live, webFolder: WEB }))
    const page = await openPage(browser, city.url)
    const wanted = () => worker.runs.get(CAMERA)?.boxes?.wanted
    const button = page.locator('#main').getByRole('button', { name: '检出框' })
    const pressed = () => expect.poll(() => button.getAttribute('aria-pressed'), PATIENT)
    const drawn = page.locator('#main .live-boxes .box-line')
    /** On a machine that is behind for a while the page says so instead; it does not stay that way. */
    const boxDrawn = () => drawn.first().waitFor(BUSY)
    const look = page.locator('#main .last-look')

    await step(browser, 'an operator watches, and nothing is put together for that', async () => {
      await page.goto('/login')
      await page.getByLabel('用户名').fill('operator')
      await page.getByLabel('密码').fill(PASSWORD)
      await page.getByRole('button', { name: '登录' }).click()
      await page.getByRole('button', { name: 'operator' }).waitFor()
      await page.goto(`/cameras/${CAMERA}`)
      await expect
        .poll(() => page.locator('#main .age-badge').getAttribute('data-kind'), PATIENT)
        .toBe('live')
      await pressed().toBe('false')
      expect(wanted()).toBe(false)
    })

    await step(browser, 'each box lies on the thing in its own picture, and on no earlier one', async () => {
      await page.keyboard.press('b')
      await pressed().toBe('true')
      await boxDrawn()
      expect(wanted()).toBe(true)
      const samples: Sample[] = []
      const withBox = () => samples.filter(({ box, number }) => box !== null && number !== null)
      for (let rounds = 0; rounds < 8 && withBox().length < 60; rounds++)
        samples.push(...(await watch(page, 50)))
      // A machine that is behind has few: the figures below are about at least one.
      const until = performance.now() + BUSY.timeout
      while (withBox().length === 0 && performance.now() < until) {
        await boxDrawn()
        samples.push(...(await watch(page, 50)))
      }
      const [read, boxed] = [
        samples.filter(({ number }) => number !== null),
        samples.filter(({ box }) => box),
      ]
      expect(
        withBox().length,
        `of ${samples.length} pictures ${boxed.length} had a box and ${read.length} a number that could be read, none both; ` +
          `beside the key: ${await page.locator('#main .last-look').allTextContents()}`,
      ).toBeGreaterThan(0)
      // When picture 0 was, by the clock of the stream: the same for all, but for whole rounds of the film.
      const begins = samples.flatMap(({ number, mediaMs }) =>
        number === null ? [] : [mediaMs / FRAME_MS - number],
      )
      const first = begins[0] ?? 0
      const begin = first + middleNumber(begins.map((each) => after(each, first, FILM)))
      const figures = withBox().flatMap(({ number, box }) => {
        if (!box || number === null) return []
        const own = box.mediaMs / FRAME_MS - begin
        const off = Math.abs(after((box.middle - 0.1) / STEP, own, WAY))
        return [{ off, behind: after(number, own, FILM) }]
      })
      const offs = figures.map(({ off }) => off)
      const behind = figures.map((each) => each.behind)
      process.stdout.write(
        `live boxes: ${figures.length} pictures with a box; box off its own picture by ${Math.max(...offs).toFixed(2)} pictures at most; ` +
          `${behind.filter((each) => each < 0.5).length} on the very picture, median ${middleNumber(behind).toFixed(1)}, at most ${Math.max(...behind).toFixed(1)} pictures later\n`,
      )
      expect(Math.max(...offs)).toBeLessThanOrEqual(1)
      expect(Math.min(0, ...behind), 'no box is there before its picture').toBeGreaterThanOrEqual(-1)
      expect(Math.max(0, ...behind), 'none is older than a second').toBeLessThanOrEqual(26)
    })

    await step(browser, 'the browser remembers it, and it can be turned off again', async () => {
      await page.reload()
      await pressed().toBe('true')
      await expect.poll(() => look.textContent(BUSY), BUSY).toMatch(/^最近分析 \d\d:\d\d:\d\d：检出 1 处/)
      await button.click()
      await pressed().toBe('false')
      await expect.poll(() => drawn.count(), PATIENT).toBe(0)
      await expect.poll(() => look.count(), PATIENT).toBe(0)
      await expect.poll(wanted, PATIENT).toBe(false)
    })
  })
})
