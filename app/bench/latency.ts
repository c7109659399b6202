import type { Tools } from '../tools.ts'
import { EVENT_PERIOD_S, makeBenchFilm } from './films.ts'
import { benchFolder } from './folder.ts'
import { measurePublished } from './latency-published.ts'
import { benchCity, startProgram } from './program.ts'
import { type BenchReport, type Figure, percentiles } from './report.ts'
import { serveRtsp } from './rtsp.ts'
import { logIn, type StreamEvent } from './stream.ts'

export interface LatencyOptions {
  readonly cameras: number
  readonly events: number
  readonly rtsp: boolean
}

/** Each camera shows one event a pass of the film; the first passes go into the start and the background. */
const SPARE_PASSES = 4

/** A box crosses the picture for 5 s: motion out of hours, ended soon enough for the next pass. */
const CAMERA = {
  zones: { floor: [[0, 0.3], [1, 0.3], [1, 0.85], [0, 0.85]] }, // biome-ignore format: corners in a row
  rules: [{ id: 'motion', type: 'after_hours_motion', zone: 'floor', for: '1s', clear: '2s' }],
}

/** One alert as a client of the change stream met it, epoch ms. */
interface Met {
  /** Capture of the picture at which the event was decided. */
  readonly capturedAt: number
  /** The alert's row was written, its transaction about to commit. */
  readonly writtenAt: number
  readonly receivedAt: number
  /** The masked still was here; null: it failed. */
  readonly stillAt: number | null
}

/**
 * Capture → alert → client, twice: with pictures, through the whole program on films in which something happens again
 * and again; and without, from the spool's `append` on. The client reads the change stream as the browser does.
 */
export async function benchLatency(options: LatencyOptions, tools: Tools): Promise<BenchReport> {
  const seen = await measureSeen(options, tools)
  const published = await measurePublished(tools)
  return {
    bench: 'latency',
    about: [
      `seen: ${options.cameras} cameras, ${options.rtsp ? 'RTSP over TCP on loopback' : 'played films'}, 960x540 at 25/s, key frame every 2 s, motion for 5 s of ${EVENT_PERIOD_S}; after_hours_motion, no model`,
      'capture = arrival of the picture at which the event was decided; still = masked JPEG fetched by the client',
      'published: one event every 50 ms through spool → direct → inbox → sequencer → change stream, no pictures',
    ],
    figures: [...seen.figures, ...published],
    warnings: seen.warnings,
  }
}

async function measureSeen(
  { cameras, events, rtsp }: LatencyOptions,
  tools: Tools,
): Promise<{ figures: readonly Figure[]; warnings: readonly string[] }> {
  const { clock, signal } = tools
  const folder = await benchFolder(tools)
  const passes = Math.ceil(events / cameras) + SPARE_PASSES
  const limitMs = passes * EVENT_PERIOD_S * 1_000
  const film = await makeBenchFilm('eventful', { folder, seconds: passes * EVENT_PERIOD_S, signal })
  const urls = rtsp
    ? await serveRtsp(film, cameras, { tools, folder })
    : Array.from({ length: cameras }, () => film)
  const program = await startProgram(benchCity(urls, CAMERA), { tools, folder, name: 'latency' })
  await program.online(cameras)
  const client = await logIn(program.url, program.operator)

  const met: Met[] = []
  let fetching: Promise<unknown> = Promise.resolve()
  const stop = new AbortController()
  const enough = Promise.withResolvers<void>()
  const onAlert = async (event: StreamEvent): Promise<void> => {
    const still = await client.get(`/api/alerts/${event.data.key}/still.jpg`)
    await still.arrayBuffer()
    met.push({
      capturedAt: Date.parse(String(event.data.payload.startedAt)),
      writtenAt: Date.parse(event.data.at),
      receivedAt: event.receivedAt,
      stillAt: still.status === 200 ? Date.now() : null,
    })
    if (met.length >= events) enough.resolve()
  }
  await client.follow(
    (event) => {
      if (event.topic !== 'alert' || event.data.payload.kind !== 'opened') return
      // Stills at once, not in a row: alerts of two cameras come together.
      fetching = Promise.all([fetching, onAlert(event).catch(enough.reject)])
    },
    AbortSignal.any([stop.signal, signal]),
  )
  await Promise.race([enough.promise, clock.sleep(limitMs, AbortSignal.any([stop.signal, signal]))])
  stop.abort()
  await fetching
  await program.child.stop()

  const warnings = [
    ...(met.length < events ? [`${met.length} of ${events} alerts came within ${limitMs / 1_000} s`] : []),
    ...(met.some((m) => m.stillAt === null)
      ? ['some alerts had no still: they are left out of its figure']
      : []),
  ]
  const since = (at: (m: Met) => number | null) =>
    met.flatMap((m) => {
      const end = at(m)
      return end === null ? [] : [end - m.capturedAt]
    })
  return {
    figures: [
      ...percentiles(
        'seen: capture → alert in the database',
        since((m) => m.writtenAt),
      ),
      ...percentiles(
        'seen: capture → alert at the client',
        since((m) => m.receivedAt),
      ),
      ...percentiles(
        'seen: capture → alert with masked still at the client',
        since((m) => m.stillAt),
        '< 2000',
      ),
    ],
    warnings,
  }
}
