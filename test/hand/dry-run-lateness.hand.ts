import { join, resolve } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createDryRunner } from '../../app/worker/dry-run.ts'
import type { DryRunRequest } from '../../core/dry-run.ts'
import { startBoxWorker } from '../support/box-worker.ts'
import { liveCamera } from '../support/live-child.ts'
import { locatorModelFile } from '../support/locator-model.ts'
import { testMediaTools } from '../support/media-tools.ts'
import { makeNumberedFilm } from '../support/numbered-film.ts'
import { startRtspServer } from '../support/rtsp.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { say } from './measure.ts'

const CAMERA = 'gate'
/** Of each part: without a dry run, with dry runs over so much of the recording, one after the other, and without again. */
const SECONDS = Number(process.env.LATENESS_SECONDS ?? 60)
const THING = { width: 0.12, middle: 0.75, height: 0.2 }
/** Pictures in which the thing crosses the frame. */
const WAY = 250
const WHOLE = [[0, 0], [1, 0], [1, 1], [0, 1]] as const // biome-ignore format: one shape

/** A film of `SECONDS` with a thing that crosses the frame again and again; the server plays it from its start again. */
async function film(folder: string): Promise<string> {
  const path = join(folder, 'crossing.mp4')
  const [wide, high] = [THING.width / 2, THING.height / 2]
  await makeNumberedFilm({
    ...{ path, frames: 25 * Math.max(60, SECONDS * 3), width: 1280, height: 720, gop: 50 },
    thing: (index) => {
      const middle = 0.1 + (0.8 * (index % WAY)) / WAY
      return [middle - wide, THING.middle - high, middle + wide, THING.middle + high]
    },
  })
  return path
}

test('how late a camera is analysed while a dry run over recordings goes on', async () => {
  await using folder = await tempFolder()
  await using rtsp = await startRtspServer({
    mounts: [{ path: '/gate', film: await film(folder.path), codec: 'h264' }],
  })
  // A model of the operator's own, or one that finds the thing and costs next to nothing.
  const modelFile = process.env.MODEL
    ? resolve(process.env.MODEL)
    : await locatorModelFile(folder.path, THING)
  const rules = [
    { id: 'fire', type: 'fire' },
    { id: 'left', type: 'object_left', zone: 'whole' },
  ]
  const camera = liveCamera(CAMERA, {
    ...{ url: rtsp.url('/gate'), rules, zones: { whole: WHOLE }, recording: { mode: 'ring', hours: 1 } },
  })
  await using worker = await startBoxWorker(folder.path, camera, modelFile)
  await expect.poll(() => worker.runs.get(CAMERA)?.pull.picture.lastFrameAt, { timeout: 60_000 }).toBeTruthy()
  const run = worker.runs.get(CAMERA)
  if (!run?.boxes) throw new Error('the camera is not analysed')

  /** Media time → when the picture came here. */
  const came = new Map<number, number>()
  let late: number[] = []
  using _pictures = run.pull.hub.subscribe({
    init: () => came.clear(),
    fragment({ mediaMs, arrivedAt }) {
      came.set(Math.round(mediaMs), arrivedAt)
      const [oldest] = came.keys()
      if (came.size > 10_000 && oldest !== undefined) came.delete(oldest)
    },
    ended: () => undefined,
  })
  using _boxes = run.boxes.listen(({ mediaMs }) => {
    const at = came.get(Math.round(mediaMs))
    if (at !== undefined) late.push(Date.now() - at)
  })
  const measure = async (what: string, work: () => Promise<string>): Promise<void> => {
    late = []
    const loop = monitorEventLoopDelay({ resolution: 10 })
    loop.enable()
    const before = performance.eventLoopUtilization()
    const began = performance.now()
    const more = await work()
    const busy = performance.eventLoopUtilization(before).utilization
    const seconds = (performance.now() - began) / 1_000
    loop.disable()
    const sorted = late.toSorted((a, b) => a - b)
    const at = (share: number) => sorted[Math.floor(sorted.length * share)]?.toFixed(0) ?? '-'
    say(
      `${what}, ${seconds.toFixed(0)} s: ${(sorted.length / seconds).toFixed(1)} pictures analysed a second, late by p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, at most ${sorted.at(-1) ?? '-'} ms; ` +
        `loop busy ${(busy * 100).toFixed(0)} %, held up p99 ${(loop.percentile(99) / 1e6).toFixed(0)} ms, at most ${(loop.max / 1e6).toFixed(0)} ms${more}`,
    )
    expect(sorted.length).toBeGreaterThan(0)
  }
  // Connections, backgrounds and the first recording are behind us then.
  await systemClock.sleep(20_000)
  const nothing = async (): Promise<string> => {
    await systemClock.sleep(SECONDS * 1_000)
    return ''
  }
  await measure('no dry run', nothing)
  const runner = createDryRunner({
    trackLogs: null,
    recordings: {
      places: {
        rings: (id) => worker.runs.get(id)?.ring ?? null,
        folder: join(folder.path, 'ring'),
      },
      mediaTools: testMediaTools(),
    },
    clock: systemClock,
  })
  const { rules: parsed, zones } = camera
  await measure('dry runs over the recording', async () => {
    const until = performance.now() + SECONDS * 1_000
    const speeds: number[] = []
    while (performance.now() < until) {
      const to = Date.now()
      const set = { zones, rules: parsed } as DryRunRequest['inForce']
      const findings = await runner.run(
        {
          ...{ camera: CAMERA, timezone: 'Asia/Shanghai', privacy: [], inForce: set, candidate: set },
          ...{ from: to - SECONDS * 1_000, to },
        },
        { id: 'mine', signal: AbortSignal.timeout(20 * 60_000), onProgress: () => undefined },
      )
      if (findings.recording?.speed) speeds.push(findings.recording.speed)
      expect(findings.recording?.pictures).toBeGreaterThan(0)
    }
    return `; ${speeds.length} runs, ${speeds.map((speed) => speed.toFixed(1)).join(', ')} times as fast as filmed`
  })
  // What else the machine does may have changed: where this differs from the first, the second says little.
  await measure('no dry run again', nothing)
})
