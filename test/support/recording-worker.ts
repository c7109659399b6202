import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../adapters/clock.ts'
import { maskAtWidth } from '../../app/worker/recorded-picture.ts'
import { answerRecordings } from '../../app/worker/recording-server.ts'
import type { Masker } from '../../core/ports/evidence.ts'
import { createMasker } from '../../inference/masking/masker.ts'
import { createRecordingSource } from '../../ingest/evidence/recordings.ts'
import { createEvidenceSource, type RingEvidence } from '../../ingest/evidence/source.ts'
import type { Fragment } from '../../ingest/hub/fragment.ts'
import { createRing, type Ring } from '../../ingest/ring/ring.ts'
import { fragmentsOf, handHub, type Stream } from './fragments.ts'
import { recordingMetrics, silentLog } from './log.ts'
import { testMediaTools } from './media-tools.ts'
import { makeNumberedFilm } from './numbered-film.ts'

export const FPS = 25

/** A worker as far as its recordings go: real rings with numbered films in them, and the server that shows them. */
export interface RecordingWorker extends AsyncDisposable {
  readonly endpoint: { readonly url: string; readonly secret: string }
  readonly folder: string
  readonly source: RingEvidence
  readonly masker: Masker
  readonly mediaTools: ReturnType<typeof testMediaTools>
  ring(camera: string): Ring
  hub(camera: string): ReturnType<typeof handHub>
  /** The whole film as one connection whose first picture was taken at `startedAt`; what it fed. */
  record(camera: string, startedAt: number, change?: (fragment: Fragment) => Fragment): Promise<Stream>
  /** The camera goes to another worker: what is recorded stays in its folder. */
  letGo(camera: string): Promise<void>
}

export async function startRecordingWorker(
  cameras: readonly string[],
  film: { readonly frames: number; readonly bFrames?: number; readonly gop?: number } = { frames: 200 },
): Promise<RecordingWorker> {
  const folder = await mkdtemp(join(tmpdir(), 'recordings-'))
  const path = join(folder, 'film.mp4')
  await makeNumberedFilm({ path, gop: FPS, ...film })
  const mediaTools = testMediaTools()
  const common = { clock: systemClock, log: silentLog, metrics: recordingMetrics() }
  const hubs = new Map(cameras.map((camera) => [camera, handHub(camera)]))
  const rings = new Map<string, Ring>()
  for (const [camera, hub] of hubs) {
    const ring = createRing({
      ...{ camera, hub, folder: join(folder, 'ring', camera), hours: 2, ...common },
      tuning: { fileMs: 2_000 },
    })
    rings.set(camera, ring)
  }
  const ringOf = (camera: string) => rings.get(camera) ?? null
  const source = createEvidenceSource({ rings: ringOf, mediaTools, folder: join(folder, 'pins'), ...common })
  const masker = createMasker({ finder: null, mediaTools, log: silentLog })
  const recordings = createRecordingSource({
    ...{ rings: ringOf, folder: join(folder, 'ring'), mediaTools, mask: maskAtWidth(masker) },
  })
  const secret = 'a secret of this worker'
  const answer = answerRecordings({
    recordings: { ...recordings, pin: (id, camera, from, to) => source.pin(id, camera, from, to) },
    ...{ secret, log: silentLog },
  })
  const server = createServer((request, response) => {
    if (!answer(request, response)) response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const must = <T>(found: T | undefined, camera: string): T => {
    if (found === undefined) throw new Error(`the test has no camera ${camera}`)
    return found
  }
  return {
    endpoint: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secret },
    ...{ folder, source, masker, mediaTools },
    ring: (camera) => must(rings.get(camera), camera),
    hub: (camera) => must(hubs.get(camera), camera),
    async record(camera, startedAt, change = (fragment) => fragment) {
      const { init, fragments: shifted } = await fragmentsOf(path, { connection: startedAt, startedAt })
      // With B-frames the muxer shifts every time by a little.
      const shift = startedAt - (shifted[0]?.capturedAt ?? startedAt)
      const fragments = shifted.map((one) => change({ ...one, capturedAt: one.capturedAt + shift }))
      const hub = must(hubs.get(camera), camera)
      hub.init(init)
      for (const fragment of fragments) hub.fragment(fragment)
      hub.ended('the test has filmed enough')
      await must(rings.get(camera), camera).flush()
      return { init, fragments }
    },
    async letGo(camera) {
      const ring = must(rings.get(camera), camera)
      rings.delete(camera)
      await ring.stop()
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await Promise.all([...rings.values()].map((ring) => ring.stop()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
