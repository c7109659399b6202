import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '../../adapters/clock.ts'
import { type BoxFeed, createBoxFeed } from '../../app/worker/box-feed.ts'
import { createLiveSource } from '../../app/worker/live.ts'
import { attachLive } from '../../app/worker/live-server.ts'
import { createSlowLive } from '../../app/worker/slow-live.ts'
import { type CameraConfig, cameraSchema } from '../../core/config/city.ts'
import type { LiveSource, StartMpeg1 } from '../../core/live.ts'
import type { Fragment, InitSegment } from '../../ingest/hub/fragment.ts'
import { createHub, type HubEnds } from '../../ingest/hub/hub.ts'
import { recordingMetrics, silentLog } from './log.ts'

/** A worker as far as its live view goes: cameras with real hubs, and the server that shows them. */
export interface LiveWorker extends AsyncDisposable {
  readonly local: LiveSource
  readonly endpoint: { readonly url: string; readonly secret: string }
  readonly metrics: ReturnType<typeof recordingMetrics>
  hub(camera: string): HubEnds
  boxes(camera: string): BoxFeed
  /** As when its lease goes: the run ends, and its readers are told. */
  letGo(camera: string): void
}

export const liveCamera = (id: string, more: object = {}): CameraConfig =>
  cameraSchema.parse({ id, name: { zh: id, en: id }, purpose: 'environment', url: `${id}.mp4`, ...more })

const NO_ENCODER = {
  most: 0,
  start: (): never => {
    throw new Error('this test encodes nothing')
  },
}

export async function startLiveWorker(
  cameras: readonly CameraConfig[],
  picture: () => Promise<Uint8Array> = async () => Buffer.from('a jpeg'),
  encoding: { readonly start: StartMpeg1; readonly most: number } = NO_ENCODER,
): Promise<LiveWorker> {
  const metrics = recordingMetrics()
  const hubs = new Map(
    cameras.map((camera) => [
      camera.id,
      {
        camera,
        ends: createHub({ camera: camera.id, log: silentLog, metrics }),
        boxes: createBoxFeed({ camera: camera.id, log: silentLog, metrics }),
      },
    ]),
  )
  // Of a run the live view needs the hub, the time of its last frame, the configuration, and the boxes; no model looks at
  // a camera whose id begins with `blind`.
  type Runs = Parameters<typeof createLiveSource>[0]
  const runs = new Map(
    [...hubs].map(([id, { camera, ends, boxes }]) => [
      id,
      {
        held: { camera },
        boxes: id.startsWith('blind') ? null : boxes,
        pull: { hub: ends.hub, picture: { init: null, lastFrameAt: 1_000 } },
      },
    ]),
  )
  const slow = createSlowLive({ ...encoding, clock: systemClock, log: silentLog, metrics })
  const local = createLiveSource(runs as unknown as Runs, {
    masked: async (_camera, at) => ({ jpeg: await picture(), capturedAt: at }),
    slow,
  })
  const secret = randomBytes(32).toString('base64url')
  const server = createServer((request, response) => {
    if (!view.answer(request, response)) response.writeHead(404).end()
  })
  const view = attachLive(server, {
    ...{ live: local, secret, clock: systemClock, log: silentLog, metrics },
    camera: (id) => runs.get(id)?.held.camera ?? null,
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const must = (camera: string) => {
    const known = hubs.get(camera)
    if (!known) throw new Error(`the test has no camera ${camera}`)
    return known
  }
  return {
    local,
    metrics,
    endpoint: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secret },
    hub: (camera) => must(camera).ends,
    boxes: (camera) => must(camera).boxes,
    letGo(camera) {
      runs.delete(camera)
      hubs.get(camera)?.ends.feed.ended('the camera is let go')
    },
    async [Symbol.asyncDispose]() {
      await slow.stop()
      await view.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const initOf = (connection: number): InitSegment => ({
  ...{ connection, bytes: Buffer.from(`init ${connection}`), codec: 'avc1.64001f' },
  ...{ width: 64, height: 36, timescale: 12_800 },
})

/** Frame `index` of a connection, 40 ms apart, a key frame every five. */
export const frameOf = (index: number, bytes = Buffer.from(`frame ${index}`)): Fragment => ({
  ...{ connection: 1, index, bytes, decodeTime: index * 512, mediaMs: index * 40, key: index % 5 === 0 },
  ...{ arrivedAt: 5_000 + index * 40, capturedAt: 5_000.5 + index * 40, discontinuity: false },
  clock: { kind: 'arrival', errorMs: 10 },
})

/** As a script (`CAMERA`): says where it is, and films until it is killed. */
const [camera] = process.argv.slice(2)
if (process.argv[1] === import.meta.filename && camera) {
  const worker = await startLiveWorker([liveCamera(camera)])
  const { feed } = worker.hub(camera)
  feed.init(initOf(1))
  process.stdout.write(`endpoint ${JSON.stringify(worker.endpoint)}\n`)
  for (let index = 0; ; index++) {
    feed.fragment(frameOf(index))
    await delay(10)
  }
}
