import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { chosenModel, MODEL_FOLDER, TRACKER_MIN_SCORE } from '../../app/model.ts'
import { withoutLabels } from '../../app/models/without-labels.ts'
import { uuidv7 } from '../../app/worker/ids.ts'
import { type CameraConfig, cameraSchema } from '../../core/config/city.ts'
import { createWatcher } from '../../inference/watch/watcher.ts'
import { createDetector } from '../../inference/worker/detector.ts'
import { decodeRecorded, type RecordedItem } from '../../ingest/decode/recorded.ts'
import { createFullCuts } from '../../ingest/evidence/full-cut.ts'
import { assets, missingAssets } from '../support/assets.ts'
import { fragmentsOf } from '../support/fragments.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { testMediaTools } from '../support/media-tools.ts'
import { say } from './measure.ts'

const ANALYSIS_WIDTH = 640
/** Seconds of the film; the lorry begins to burn at 2 s. */
const SPANS = [
  [0, 2],
  [2, 7],
  [7, 12],
  [12, 24],
] as const
const CUTS = 20

/** 1080p, 25 a second, a key frame in 2 s: a street that stands still, and in a quarter of its width the burning lorry. */
async function makeFilm(): Promise<string> {
  const folder = join(tmpdir(), 'sharp-eyes-test-films')
  const path = join(folder, 'small-fire-1080p.mp4')
  if (existsSync(path)) return path
  await mkdir(folder, { recursive: true })
  const unfinished = join(folder, `${process.pid}-small-fire.mp4`)
  const still = join(folder, `${process.pid}-small-fire.png`)
  const ffmpeg = (...args: string[]) => promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...args])
  const street = ['-ss', '1', '-i', assets.clip('street-vehicles.mp4')]
  await ffmpeg(...street, '-frames:v', '1', '-vf', 'scale=1920:1080:flags=lanczos,setsar=1', still)
  const filter = '[1:v]fps=25,scale=480:270:flags=area[c];[0:v][c]overlay=720:420:shortest=1,format=yuv420p'
  await ffmpeg(
    ...['-loop', '1', '-framerate', '25', '-i', still, '-i', assets.clip('motorway-fire-onset.mp4')],
    ...['-filter_complex', filter, '-c:v', 'libx264', '-preset', 'veryfast', '-b:v', '4M'],
    ...['-g', '50', '-keyint_min', '50', '-sc_threshold', '0', '-bf', '0', '-t', '24', unfinished],
  )
  await rm(still)
  await rename(unfinished, path)
  return path
}

/**
 * The film as a worker decodes it: key frames alone until the rules want more; each picture waits for the rules, so that a busy
 * machine gives the same answer. Cuts come of what the recording of that moment holds. Prints what was seen.
 */
async function play(film: string, inFull: boolean) {
  const choice = chosenModel(undefined)
  if (!choice) throw new Error('models/default.json names no model')
  const metrics = recordingMetrics()
  const ports = { clock: systemClock, log: silentLog, metrics }
  const mediaTools = testMediaTools()
  const modelFile = join(MODEL_FOLDER, `${choice.name}.json`)
  const detector = await createDetector({ modelFile, minScore: TRACKER_MIN_SCORE, ...ports })
  const rules = ['fire', 'smoke'].map((type) => ({ id: type, type }))
  const camera: CameraConfig = cameraSchema.parse({
    ...{ id: 'small-fire', name: { zh: '火', en: 'Fire' }, purpose: 'public_safety', url: film, rules },
  })
  const { init, fragments } = await fragmentsOf(film)
  let now = 0
  const upToNow = () => ({ init, fragments: fragments.filter(({ mediaMs }) => mediaMs <= now) })
  const cuts = createFullCuts({ mediaTools, ...ports, analysisWidth: ANALYSIS_WIDTH, limitMs: 60_000 })
  const pictures: { s: number; fire: number; smoke: number }[] = []
  const begun: string[] = []
  const watcher = createWatcher({
    ...{ camera, timezone: 'UTC', detector: withoutLabels(detector, choice.unused), newId: uuidv7, ...ports },
    ...(inFull ? { full: cuts.of(camera.id, upToNow) } : {}),
    onPicture({ mediaMs, detections }) {
      const best = (label: string) =>
        Math.max(0, ...(detections ?? []).filter((d) => d.label === label).map((d) => d.score))
      if (detections) pictures.push({ s: mediaMs / 1000, fire: best('fire'), smoke: best('smoke') })
    },
  })
  async function* items(): AsyncGenerator<RecordedItem> {
    yield { kind: 'init', init }
    for (const fragment of fragments) yield { kind: 'fragment', fragment }
  }
  await decodeRecorded({
    ...{ camera: camera.id, items: items(), mediaTools, clock: systemClock, width: ANALYSIS_WIDTH },
    signal: new AbortController().signal,
    consumer: {
      watchers: 1,
      async onFrame(frame) {
        now = frame.mediaMs
        const step = await watcher.step(frame)
        for (const { kind, event } of step.changes)
          if (kind === 'start')
            begun.push(`${event.type} at ${(now / 1000).toFixed(1)} s, score ${event.score.toFixed(2)}`)
        return [step.attention]
      },
    },
  })
  await detector.stop()
  const points = detector.operatingPoints ?? {}
  const shareOf = (label: 'fire' | 'smoke', from: number, to: number) => {
    const some = pictures.filter(({ s }) => s >= from && s < to)
    const seen = some.filter((picture) => picture[label] >= (points[label] ?? 0.5))
    const mean = some.reduce((sum, picture) => sum + picture[label], 0) / some.length
    return `${label} in ${seen.length} of ${some.length}, mean score ${mean.toFixed(2)}`
  }
  say(`${inFull ? 'full resolution' : 'analysis picture'}: events: ${begun.join('; ') || 'none'}`)
  for (const [from, to] of SPANS)
    say(`  ${from} to ${to} s: ${shareOf('fire', from, to)}; ${shareOf('smoke', from, to)}`)
  for (const [name, count] of metrics.counts)
    if (/^(second_looks|full_cuts)_total/.test(name)) say(`  ${name} ${count}`)
  return { pictures, begun }
}

/** CPU time of children that ended, ms. */
async function childrenMs(): Promise<number> {
  const fields = (await readFile('/proc/self/stat', 'utf8')).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[13]) + Number(fields[14])) * 10
}

describe.skipIf(missingAssets('second looks in full resolution'))('a small fire in 1080p', () => {
  let film = ''
  beforeAll(async () => {
    film = await makeFilm()
  })

  test('with and without full resolution', async () => {
    for (const inFull of [false, true]) expect((await play(film, inFull)).pictures).not.toEqual([])
  })

  test('what a cut costs', async () => {
    const { init, fragments } = await fragmentsOf(film)
    const keys = fragments.filter(({ key }) => key)
    const metrics = recordingMetrics()
    const cuts = createFullCuts({
      ...{ mediaTools: testMediaTools(), clock: systemClock, metrics },
      ...{ analysisWidth: ANALYSIS_WIDTH, limitMs: 60_000 },
    })
    let n = 0
    const full = cuts.of('c', () => {
      const key = keys[n++ % keys.length]
      return key ? { init, fragments: [{ ...key }] } : null
    })
    const [cpu, own, wall] = [await childrenMs(), process.cpuUsage(), performance.now()]
    for (let i = 0; i < CUTS; i++) expect(await full.cut([0.4, 0.3, 0.625, 0.7], 0)).not.toBeNull()
    const mine = process.cpuUsage(own)
    const per = (ms: number) => (ms / CUTS).toFixed(0)
    say(
      `a cut: ${per((await childrenMs()) - cpu)} CPU ms of ffmpeg, ${per((mine.user + mine.system) / 1000)} of ours, ${per(performance.now() - wall)} ms`,
    )
  })
})
