import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { systemClock } from '../../adapters/clock.ts'
import { createLiveSource } from '../../app/worker/live.ts'
import { attachLive } from '../../app/worker/live-server.ts'
import { createSlowLive } from '../../app/worker/slow-live.ts'
import { type CameraWorker, runWorker } from '../../app/worker/worker.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import type { ControlPlane } from '../../core/ports/control.ts'
import { createDetector } from '../../inference/worker/detector.ts'
import { createOpenEvents } from '../../ingest/spool/open-events.ts'
import { openSpool } from '../../ingest/spool/spool.ts'
import { recordingMetrics, silentLog } from './log.ts'
import { testMediaTools } from './media-tools.ts'

/** The worker of the program with one camera and a real model, and the server that shows it to the pages' server. */
export interface BoxWorker extends AsyncDisposable {
  readonly endpoint: { readonly url: string; readonly secret: string }
  readonly runs: CameraWorker['runs']
}

export async function startBoxWorker(
  folder: string,
  camera: CameraConfig,
  modelFile: string,
): Promise<BoxWorker> {
  const ports = { clock: systemClock, log: silentLog, metrics: recordingMetrics() }
  await mkdir(join(folder, 'ring'))
  const spool = await openSpool({
    ...{ folder: join(folder, 'spool'), ...ports, limits: { ballastBytes: 4_096 } },
  })
  const openEvents = await createOpenEvents({ spool, worker: 'hall/1', ...ports })
  const detector = await createDetector({ modelFile, ...ports })
  const held = { camera, version: 1, epoch: 1, until: Number.MAX_SAFE_INTEGER }
  // In place of the city: it holds this camera and no other.
  const controlPlane: ControlPlane = {
    hold: async () => ({
      ...{ city: { timezone: 'Asia/Shanghai' }, sensors: [], cameras: [held], left: [], strays: [] },
    }),
    release: async () => undefined,
    openEvents: async () => [],
  }
  const stopping = new AbortController()
  const worker = runWorker(
    {
      facts: { name: 'hall/1', version: '0.1.0', model: detector.model.id, endpoint: null },
      ...{ capacity: 8, controlPlane, openEvents, ringFolder: join(folder, 'ring'), ...ports },
      ...{ mediaTools: testMediaTools(), detector, fullCuts: null, trackLogs: null },
      evidence: {
        still: async () => null,
        pin: async () => undefined,
        unpin: async () => undefined,
        pinned: async () => [],
        clip: async () => null,
      },
      stills: { take: async () => ({ failed: 'no picture here' }) },
    },
    stopping.signal,
    () => undefined,
  )
  const slow = createSlowLive({
    start: () => {
      throw new Error('nothing is encoded here')
    },
    most: 0,
    ...ports,
  })
  const server = createServer((request, response) => {
    if (!view.answer(request, response)) response.writeHead(404).end()
  })
  const secret = randomBytes(32).toString('base64url')
  const view = attachLive(server, {
    ...{ live: createLiveSource(worker.runs, { masked: async () => null, slow }), secret, ...ports },
    camera: (id) => worker.runs.get(id)?.held.camera ?? null,
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secret },
    runs: worker.runs,
    async [Symbol.asyncDispose]() {
      await view.close()
      stopping.abort()
      await worker.ended
      await detector.stop()
      await spool[Symbol.asyncDispose]()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
