import { hostname } from 'node:os'
import type { CameraConfig } from '../../core/config/city.ts'
import type { ControlPlane, Detector, EventTransport, EvidenceStore, LiveSource } from '../../core/ports.ts'
import { createMasker } from '../../inference/masking/masker.ts'
import { createEvidenceSource } from '../../ingest/evidence/source.ts'
import type { Ring } from '../../ingest/ring/ring.ts'
import { runDrain } from '../../ingest/spool/drain.ts'
import { createOpenEvents } from '../../ingest/spool/open-events.ts'
import { openSpool, type Spool } from '../../ingest/spool/spool.ts'
import type { DataFolder } from '../data-folder.ts'
import type { Tools } from '../tools.ts'
import { VERSION } from '../version.ts'
import { createLiveSource } from '../worker/live.ts'
import { createPersonFinder } from '../worker/person-finder.ts'
import { createStillMaker } from '../worker/stills.ts'
import { type CameraWorker, runWorker } from '../worker/worker.ts'

/** More than one machine decodes; a lease a camera keeps others free for other workers. */
const CAPACITY = 256

export interface Watching {
  /** Of the worker, as its leases have it. */
  readonly name: string
  readonly worker: CameraWorker
  readonly spool: Spool
  readonly live: LiveSource
  readonly evidence: ReturnType<typeof createEvidenceSource>
  readonly masker: ReturnType<typeof createMasker>
  /** Cameras first, then the spool is emptied as far as the other side takes it. */
  stop(): Promise<void>
}

/** The role that watches: cameras → events → spool → transport. It knows the city only through the control plane. */
export async function startWatching(deps: {
  readonly tools: Tools
  readonly folder: DataFolder
  readonly controlPlane: ControlPlane
  readonly transport: EventTransport
  readonly store: EvidenceStore
  readonly detector: Detector | null
}): Promise<Watching> {
  const { tools, folder, controlPlane, transport, store, detector } = deps
  const { clock, log, metrics } = tools
  const mediaTools = tools.mediaTools()
  const name = `${hostname()}:${folder.path}`
  const rings = new Map<string, Ring>()

  const spool = await openSpool({
    folder: folder.spool,
    log,
    metrics,
    clock,
    onState: (state) => {
      // A full disk takes recordings before it takes events (invariant 1).
      if (state === 'disk_full') for (const ring of rings.values()) void ring.shed(64 << 20)
    },
  })
  const openEvents = await createOpenEvents({ spool, worker: name, clock, log, metrics })
  const evidence = createEvidenceSource({
    rings: (camera) => rings.get(camera) ?? null,
    mediaTools,
    folder: folder.pins,
    clock,
    log,
    metrics,
  })
  const masker = createMasker({ finder: createPersonFinder(detector), mediaTools, log })
  const stills = createStillMaker({ source: evidence, store, masker, clock, log, metrics })

  const draining = new AbortController()
  const drained = runDrain({ spool, transport, clock, log, metrics, signal: draining.signal })
  const resent = openEvents.run(draining.signal)

  const watching = new AbortController()
  const worker = runWorker(
    {
      facts: { name, version: VERSION, model: detector?.model.id ?? null, endpoint: null },
      capacity: CAPACITY,
      controlPlane,
      ringFolder: folder.ring,
      mediaTools,
      detector,
      openEvents,
      evidence,
      stills,
      clock,
      log,
      metrics,
    },
    watching.signal,
    (ring) => {
      rings.set(ring.camera, ring)
      // Pins of an earlier run go on following the files of this one.
      evidence
        .attach(ring)
        .catch((error) => log.warn({ camera: ring.camera, error: String(error) }, 'pins do not follow'))
    },
  )
  const masked = async (camera: CameraConfig, at: number) => {
    const picture = await evidence.still(camera.id, at)
    if (!picture) return null
    const { jpeg } = await masker.still(picture, camera, { box: null, detections: [] })
    return { jpeg, capturedAt: picture.capturedAt }
  }
  return {
    name,
    worker,
    spool,
    live: createLiveSource(worker.runs, { masked }),
    evidence,
    masker,
    async stop() {
      watching.abort()
      await worker.ended
      draining.abort()
      await Promise.all([drained, resent])
      await spool[Symbol.asyncDispose]()
    },
  }
}
