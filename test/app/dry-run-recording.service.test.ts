import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { ANALYSIS_WIDTH } from '../../app/worker/camera-run.ts'
import { createDryRunner } from '../../app/worker/dry-run.ts'
import { judgeRecording } from '../../app/worker/dry-run-recording.ts'
import type { DryRunRequest, RaisedEvent } from '../../core/dry-run.ts'
import { createDecoder } from '../../ingest/decode/decoder.ts'
import type { RingPlaces } from '../../ingest/evidence/ring-files.ts'
import { createRing } from '../../ingest/ring/ring.ts'
import type { TrackLogs } from '../../ingest/track-log/track-logs.ts'
import { createDrawnFilm } from '../footage/drawn.ts'
import { encodeFilm } from '../footage/encode.ts'
import { watcherOf } from '../inference/drive.ts'
import { HEAD, logged } from '../ingest/track-log/logged.ts'
import { assets, missingAssets } from '../support/assets.ts'
import { fragmentsOf, handHub } from '../support/fragments.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { testMediaTools } from '../support/media-tools.ts'
import { startRecordingWorker } from '../support/recording-worker.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { waitUntil } from '../support/wait-until.ts'

const LIMIT = { timeout: 240_000 }
const WHOLE = [[0, 0], [1, 0], [1, 1], [0, 1]] // biome-ignore format: one shape
/** So many times faster than it was filmed: a live decoder keeps up with it. */
const PACE = 2
const SECOND = 1_000

interface Live extends AsyncDisposable {
  readonly places: RingPlaces
  /** Rule and time of what the live path raised, and the times of all pictures that it analysed. */
  readonly raised: readonly { readonly rule: string; readonly at: number }[]
  readonly analysed: readonly number[]
}

/** The live path over a film: hub → ring, and decoder → watcher, each picture at its time. */
async function watchLive(
  film: string,
  rules: DryRunRequest['inForce']['rules'],
  startedAt: number,
  seconds: number,
): Promise<Live> {
  const folder = await tempFolder()
  const ports = { clock: systemClock, log: silentLog, metrics: recordingMetrics() }
  const hub = handHub('gate')
  const ring = createRing({ camera: 'gate', hub, folder: join(folder.path, 'gate'), hours: 72, ...ports })
  const watcher = watcherOf(rules as Parameters<typeof watcherOf>[0], { zones: { whole: WHOLE as never } })
  const raised: { rule: string; at: number }[] = []
  const analysed: number[] = []
  const decoder = createDecoder({
    ...{ camera: 'gate', hub, mediaTools: testMediaTools(), width: ANALYSIS_WIDTH, ...ports },
    async onFrame(frame) {
      const { changes, attention } = await watcher.step(frame)
      analysed.push(frame.capturedAt)
      decoder.setAttention(attention)
      for (const { kind, event } of changes)
        if (kind === 'start') raised.push({ rule: event.rule.id, at: event.startedAt })
    },
    onProblem: () => undefined,
  })
  const { init, fragments } = await fragmentsOf(film, { startedAt })
  hub.init(init)
  const began = performance.now()
  let key: number | null = null
  for (const fragment of fragments) {
    if (fragment.capturedAt - startedAt > seconds * SECOND) break
    const due = (fragment.capturedAt - startedAt) / PACE - (performance.now() - began)
    if (due > 0) await systemClock.sleep(due)
    const before = key
    // A machine that is busy with other tests must not make the live path leave pictures out.
    if (fragment.key && before !== null)
      await waitUntil('the key frame is analysed', () => (analysed.at(-1) ?? 0) >= before)
    if (fragment.key) key = fragment.capturedAt
    hub.fragment(fragment)
  }
  await ring.flush()
  await decoder.stop()
  return {
    places: { rings: () => ring, folder: folder.path },
    ...{ raised, analysed },
    async [Symbol.asyncDispose]() {
      await ring.stop()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const requestOf = (rules: DryRunRequest['inForce']['rules'], from: number, to: number): DryRunRequest => {
  const set = { zones: { whole: WHOLE }, rules }
  return { camera: 'gate', timezone: 'Asia/Shanghai', privacy: [], inForce: set, candidate: set, from, to }
}
const runnerOf = (places: RingPlaces | null, mediaTools = testMediaTools()) =>
  createDryRunner({
    trackLogs: null,
    // At the priority of the test: beside other tests it would wait for them.
    recordings: places && { places, mediaTools, niceness: 0 },
    clock: systemClock,
  })
const watching = (signal: AbortSignal = new AbortController().signal) => ({ id: 'mine', signal, onProgress: () => undefined }) // biome-ignore format: one shape

/** The same alerts, each within one analysed picture of the live one, or two key frames where live left pictures out. */
function expectSame(live: Live, events: readonly RaisedEvent[]): void {
  expect(events.map(({ rule }) => rule)).toEqual(live.raised.map(({ rule }) => rule))
  events.forEach((event, n) => {
    const at = live.raised[n]?.at ?? 0
    const place = live.analysed.indexOf(at)
    expect(place).toBeGreaterThan(0)
    expect(event.at).toBeGreaterThanOrEqual(Math.min(live.analysed[place - 1] ?? at, at - 2 * SECOND))
    expect(event.at).toBeLessThanOrEqual(Math.max(live.analysed[place + 1] ?? at, at + 2 * SECOND))
  })
}

describe('recorded pictures, judged again', () => {
  test(
    'a drawn thing that is put down is found when the live path found it; the start is said to be unjudged',
    LIMIT,
    async () => {
      await using folder = await tempFolder()
      const path = join(folder.path, 'left.mp4')
      const drawn = createDrawnFilm({
        ...{ width: 192, height: 108, noise: 3 },
        draw(canvas, s) {
          canvas.fill([0, 0, 1, 1], [120, 120, 115])
          canvas.texture([0, 0.3, 1, 1], 14, 3, 7)
          if (s >= 8) canvas.fill([0.4, 0.5, 0.55, 0.75], [30, 60, 40])
        },
      })
      await encodeFilm({ path, width: 192, height: 108, fps: 10, seconds: 16, picture: drawn.rgb })
      const startedAt = Date.now() - 600_000
      const rules = [{ id: 'left', type: 'object_left', zone: 'whole', for: '5s' }]
      await using live = await watchLive(path, [{ ...rules[0], for: 5_000 }], startedAt, 16)
      expect(live.raised.map(({ rule }) => rule)).toEqual(['left'])
      const findings = await runnerOf(live.places).run(
        requestOf(rules, startedAt - 60_000, startedAt + 60_000),
        watching(),
      )
      expectSame(live, findings.candidate.events)
      expect(findings.inForce).toEqual(findings.candidate)
      const [rule] = findings.candidate.rules
      expect(rule).toMatchObject({ source: 'recording', notReplayed: null })
      // It had learned the background before the thing came.
      expect(rule?.unjudgedMs).toBeGreaterThan(0)
      expect(rule?.unjudgedMs).toBeLessThan(8_000)
      expect(findings.recording?.stretches).toEqual([{ from: startedAt, to: startedAt + 15_900 }])
      // A busy machine makes the live path leave pictures out, the other one never.
      expect(findings.recording?.pictures).toBeGreaterThanOrEqual(live.analysed.length - 3)
      expect(findings.recording?.pictures).toBeLessThanOrEqual(160)
    },
  )

  test.skipIf(missingAssets('a real film, live and judged again'))('a real film', LIMIT, async () => {
    const startedAt = Date.now() - 600_000
    const rules = [
      { id: 'motion', type: 'after_hours_motion', zone: 'whole', hours: '00:00-24:00', for: '1s' },
    ]
    const path = assets.clip('person-one-by-one.mp4')
    await using live = await watchLive(path, [{ ...rules[0], for: 1_000 }], startedAt, 12)
    expect(live.raised.length).toBeGreaterThan(0)
    const findings = await runnerOf(live.places).run(
      requestOf(rules, startedAt, startedAt + 12_000),
      watching(),
    )
    expectSame(live, findings.candidate.events)
  })

  test('what is not recorded, or too much of it, is said with the way out', LIMIT, async () => {
    await using folder = await tempFolder()
    const now = Date.now()
    const rules = [{ id: 'covered', type: 'camera_covered' }]
    const places = { rings: () => null, folder: folder.path }
    const request = requestOf(rules, now - 3_600_000, now)
    for (const runner of [runnerOf(places), runnerOf(null)]) {
      const { candidate, recording } = await runner.run(request, watching())
      expect(candidate).toMatchObject({ events: [], rules: [{ notReplayed: 'no_recording' }] })
      expect(recording).toMatchObject({ pictures: 0, speed: null })
    }
    // Three hours in the names of the files are enough: they are not opened.
    await mkdir(join(folder.path, 'gate'))
    await writeFile(join(folder.path, 'gate', `1_${now - 10_800_000}_${now}.mp4`), '')
    await expect(
      runnerOf(places).run(requestOf(rules, now - 10_800_000, now), watching()),
    ).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringMatching(/camera gate: 180 min .* at most 120 min .* choose a shorter span/),
    })
  })

  test('a gap of the recording is no quiet time; cancelling ends ffmpeg', LIMIT, async () => {
    const startedAt = Date.now() - 600_000
    const tools = testMediaTools()
    await using worker = await startRecordingWorker(['gate'], { frames: 300 })
    await worker.record('gate', startedAt)
    await worker.record('gate', startedAt + 40_000)
    const places = { rings: (camera: string) => worker.ring(camera), folder: worker.folder }
    const rules = [{ id: 'left', type: 'object_left', zone: 'whole' }]
    const request = requestOf(rules, startedAt, startedAt + 60_000)
    const { recording } = await runnerOf(places, tools).run(request, watching())
    expect(recording?.stretches).toEqual([
      { from: startedAt, to: startedAt + 11_960 },
      { from: startedAt + 40_000, to: startedAt + 51_960 },
    ])
    expect(tools.running()).toBe(0)

    const stop = new AbortController()
    const reached: number[] = []
    const cancelled = runnerOf(places, tools).run(request, {
      id: 'mine',
      signal: stop.signal,
      onProgress({ step, share }) {
        if (step !== 'pictures') return
        reached.push(share)
        // It is decoding by then.
        if (share > 0.05) stop.abort()
      },
    })
    await expect(cancelled).rejects.toThrow('aborted')
    expect(tools.running()).toBe(0)
    expect(Math.max(...reached)).toBeLessThan(0.6)
    expect(reached).toEqual(reached.toSorted((a, b) => a - b))
  })

  test('what is recorded only before the span is no recording of it', LIMIT, async () => {
    const startedAt = Date.now() - 600_000
    await using worker = await startRecordingWorker(['gate'], { frames: 100 })
    await worker.record('gate', startedAt)
    const places = { rings: (camera: string) => worker.ring(camera), folder: worker.folder }
    const request = requestOf([{ id: 'covered', type: 'camera_covered' }], startedAt + 20_000, startedAt + 60_000) // biome-ignore format: one shape
    const { candidate, recording } = await runnerOf(places).run(request, watching())
    expect(candidate).toMatchObject({ events: [], rules: [{ notReplayed: 'no_recording', unjudgedMs: 0 }] })
    expect(recording).toMatchObject({ pictures: 0, damaged: 0, stretches: [] })
  })

  test('what is recorded and cannot be decoded is unknown, not quiet', LIMIT, async () => {
    const startedAt = Date.now() - 600_000
    await using worker = await startRecordingWorker(['gate'], { frames: 75 })
    await worker.record('gate', startedAt, (fragment) => {
      const bytes = Buffer.from(fragment.bytes)
      // Behind the header of the media data: no picture is left that could be pieced together.
      bytes.fill(0xff, bytes.readUInt32BE(0) + 8)
      return { ...fragment, bytes }
    })
    const places = { rings: (camera: string) => worker.ring(camera), folder: worker.folder }
    const request = requestOf([{ id: 'covered', type: 'camera_covered' }], startedAt + 1_000, startedAt + 60_000) // biome-ignore format: one shape
    const { candidate, recording } = await runnerOf(places).run(request, watching())
    expect(candidate).toMatchObject({ events: [], rules: [{ notReplayed: 'damaged' }] })
    // Of three key frames one lies before the span.
    expect(recording).toMatchObject({ pictures: 0, damaged: 2, speed: null })
  })

  test('the track log is read no further when the run ends or is cancelled', LIMIT, async () => {
    const startedAt = Date.now() - 600_000
    await using worker = await startRecordingWorker(['gate'], { frames: 100 })
    await worker.record('gate', startedAt)
    let open = 0
    let read = 0
    const trackLogs = {
      async *read(_: string, from: number, to: number) {
        open += 1
        try {
          yield { kind: 'head', head: HEAD }
          for (let at = from; at < to; at += 500) {
            read += 1
            yield { kind: 'picture', picture: logged(0, { capturedAt: at }) }
          }
        } finally {
          open -= 1
        }
      },
    } as unknown as TrackLogs
    const request = requestOf([{ id: 'covered', type: 'camera_covered' }], startedAt, startedAt + 60_000)
    const judge = (stop: AbortController, onProgress: () => void) =>
      judgeRecording(
        {
          ...{ trackLogs, mediaTools: testMediaTools(), clock: systemClock, niceness: 0 },
          places: { rings: (camera: string) => worker.ring(camera), folder: worker.folder },
        },
        request,
        { signal: stop.signal, onProgress },
      )
    const { recording } = await judge(new AbortController(), () => expect(open).toBe(1))
    expect(recording.pictures).toBeGreaterThan(0)
    expect(open).toBe(0)
    // The film is shorter than the log: it was not read to its end.
    expect(read).toBeLessThan(120)
    const stop = new AbortController()
    await expect(judge(stop, () => stop.abort())).rejects.toThrow('aborted')
    expect(open).toBe(0)
  })
})
