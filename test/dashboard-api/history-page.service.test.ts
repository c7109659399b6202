import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createPictureWork } from '../../alerts/evidence/work.ts'
import { makeNext } from '../../app/worker/picture-maker.ts'
import { ensureWebApp, hasChromium, launchChromium, openPage, step } from '../support/browser.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { readNumber } from '../support/numbered-film.ts'
import { startRecordingWorker } from '../support/recording-worker.ts'
import { missingService, onPath } from '../support/services.ts'
import { PASSWORD } from './dashboard.ts'
import { startWithRecordings, watched } from './recordings-fixture.ts'

const CAMERA = 'works-chimney'
const FRAME_MS = 40
const WEB = resolve(import.meta.dirname, '../../dashboard-api/web/dist')

/** Runs in the browser. The rows of blocks are the upper half of the picture: twelve columns are enough to read them. */
const READ = `
  const video = document.querySelector('video')
  const badge = document.querySelector('.replay-pane .age-badge')
  const read = () => {
    const canvas = document.createElement('canvas')
    canvas.width = 12
    canvas.height = 4
    const context = canvas.getContext('2d')
    context.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / 2, 0, 0, 12, 4)
    const capturedAt = Number(badge.dataset.capturedAt || Number.NaN)
    return { pixels: [...context.getImageData(0, 0, 12, 4).data], capturedAt }
  }`
const NOW = `(() => {${READ}; return read() })()`
/** While it plays: when a picture has just been put on screen. */
const NEXT = `(() => {${READ}; return new Promise((done) => video.requestVideoFrameCallback(() => done(read()))) })()`

/** What is on screen: the number in the picture, and the time that the page says of it. Read in one go. */
async function shown(
  page: Page,
  when = NOW,
): Promise<{ readonly number: number | null; readonly capturedAt: number }> {
  const { pixels, capturedAt } = (await page.evaluate(when)) as { pixels: number[]; capturedAt: number }
  const rgb = Uint8Array.from(pixels.filter((_, index) => index % 4 !== 3))
  return { number: readNumber({ rgb, width: 12, height: 8 }), capturedAt }
}

describe.skipIf(
  missingService('ffmpeg', onPath('ffmpeg')) || missingService('Chromium (apt: chromium)', hasChromium()),
)('the history in a browser', () => {
  it('seeks, plays with the true time, and keeps a range whose clip arrives', {
    timeout: 300_000,
  }, async () => {
    ensureWebApp()
    const first = Math.round(Date.now() / 1_000) * 1_000 - 120_000
    await using worker = await startRecordingWorker([CAMERA], { frames: 500, bFrames: 2 })
    await using city = await startWithRecordings(worker, { webFolder: WEB })
    await worker.record(CAMERA, first)
    await watched(city, { camera: CAMERA, from: first - 1_000, to: first + 20_000 })
    await using browser = await launchChromium()
    const page = await openPage(browser, city.url)
    const moment = (ms: number) => `/history?cameras=${CAMERA}&t=${new Date(first + ms).toISOString()}`
    const settled = (ms: number) =>
      expect.poll(async () => (await shown(page)).capturedAt - first, { timeout: 30_000 }).toBe(ms)

    await step(browser, 'an investigator opens a moment', async () => {
      await page.goto('/login')
      await page.getByLabel('用户名').fill('investigator')
      await page.getByLabel('密码').fill(PASSWORD)
      await page.getByRole('button', { name: '登录' }).click()
      await page.getByRole('button', { name: 'investigator' }).waitFor()
      await page.goto(moment(5_000))
      await settled(5_000)
      expect((await shown(page)).number).toBe(125)
    })

    await step(
      browser,
      'frame by frame, second by second: the number in the picture is that of the clock',
      async () => {
        const moves = [
          ['Period', 5_040],
          ['Period', 5_080],
          ['Comma', 5_040],
          ['ArrowUp', 6_040],
          ['ArrowRight', 16_040],
          ['ArrowDown', 15_040],
          ['ArrowLeft', 5_040],
          ['Home', 0],
        ] as const
        for (const [key, ms] of moves) {
          await page.keyboard.press(key)
          await settled(ms)
          await expect.poll(async () => (await shown(page)).number, { timeout: 10_000 }).toBe(ms / FRAME_MS)
        }
      },
    )

    await step(browser, 'while it plays the time is right within one picture', async () => {
      await page.keyboard.press('Space')
      await expect
        .poll(async () => (await shown(page)).capturedAt - first, { timeout: 30_000 })
        .toBeGreaterThan(400)
      const offs: number[] = []
      for (let n = 0; n < 10; n++) {
        const { number, capturedAt } = await shown(page, NEXT)
        if (number !== null) offs.push(Math.abs(number - (capturedAt - first) / FRAME_MS))
        await page.waitForTimeout(150)
      }
      expect(offs.length).toBeGreaterThan(5)
      expect(Math.max(...offs)).toBeLessThanOrEqual(1)
      await page.keyboard.press('Space')
    })

    await step(browser, 'a click into the gap goes to the nearest edge', async () => {
      const band = page.getByRole('slider', { name: '全天时间轴' })
      const box = await band.boundingBox()
      await band.click({ position: { x: 2, y: (box?.height ?? 20) / 2 } })
      await settled(0)
    })

    await step(browser, 'a range is kept, and its clip arrives', async () => {
      await page.goto(moment(2_000))
      await settled(2_000)
      await page.keyboard.press('i')
      await page.keyboard.press('ArrowUp')
      await page.keyboard.press('ArrowUp')
      await settled(4_000)
      await page.keyboard.press('o')
      const panel = page.getByRole('region', { name: '存证', exact: true })
      const keep = panel.getByRole('button', { name: '存证' })
      expect(await keep.isDisabled(), 'without a reason').toBe(true)
      await panel.getByLabel('理由').fill('交通事故取证')
      await panel.getByLabel('案件编号').fill('2026-999999')
      await keep.click()
      await panel.getByRole('alert').waitFor()
      expect(await panel.getByLabel('理由').inputValue()).toBe('交通事故取证')
      await panel.getByLabel('案件编号').fill('')
      await keep.click()
      const kept = page.getByRole('region', { name: '已存证的录像' })
      await kept.getByText('片段生成中').waitFor()
      const metrics = recordingMetrics()
      const deps = {
        work: createPictureWork({ database: city.database, clock: systemClock, metrics }),
        ...{ worker: 'w1', source: worker.source, masker: worker.masker, store: city.evidenceStore },
        ...{ workFolder: worker.folder, clock: systemClock, log: silentLog, metrics },
      }
      while (await makeNext(deps, new AbortController().signal));
      const link = kept.getByRole('link', { name: '片段', exact: true })
      const href = (await link.getAttribute('href')) ?? ''
      const investigator = await city.as('investigator')
      const clip = await investigator.get(href)
      expect([clip.status, clip.headers.get('content-type')]).toEqual([200, 'video/mp4'])
      const { rows } = await city.database.query(
        "select count(*)::int as n from looks where what = 'recording' and who = 'investigator'",
      )
      expect(rows).toEqual([{ n: 1 }])
    })
  })
})
