import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createMpeg1Starter } from '../../adapters/mpeg1/muxer.ts'
import type { Recordings } from '../../adapters/recordings/remote.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import type { DryRuns } from '../../core/dry-run.ts'
import type { LiveSource } from '../../core/live.ts'
import type { ControlPlane, WorkerFacts } from '../../core/ports/control.ts'
import type { EvidenceSink, Masker } from '../../core/ports/evidence.ts'
import type { EventTransport } from '../../core/ports/messages.ts'
import type { PictureWork } from '../../core/ports/pictures.ts'
import type { Tracer } from '../../core/ports/telemetry.ts'
import type { NoSight } from '../../core/unavailable.ts'
import { createMasker } from '../../inference/masking/masker.ts'
import type { RunningDetector } from '../../inference/worker/detector.ts'
import { createFullCuts } from '../../ingest/evidence/full-cut.ts'
import { pinnedBytes } from '../../ingest/evidence/pins.ts'
import { createRecordingSource } from '../../ingest/evidence/recordings.ts'
import { createEvidenceSource } from '../../ingest/evidence/source.ts'
import type { Ring } from '../../ingest/ring/ring.ts'
import { runDrain } from '../../ingest/spool/drain.ts'
import { createOpenEvents } from '../../ingest/spool/open-events.ts'
import { openSpool, type Spool } from '../../ingest/spool/spool.ts'
import { createTrackLogs, type TrackLogs } from '../../ingest/track-log/track-logs.ts'
import { type DataFolder, emptyFolder } from '../data-folder.ts'
import { sampleWorker } from '../health/samples.ts'
import type { Tools } from '../tools.ts'
import { VERSION } from '../version.ts'
import { ANALYSIS_WIDTH } from '../worker/camera-run.ts'
import { createDryRunner } from '../worker/dry-run.ts'
import { LONGEST_RING_MS, runLeftovers } from '../worker/leftovers.ts'
import { createLiveSource } from '../worker/live.ts'
import { createPersonFinder } from '../worker/person-finder.ts'
import { runPictureMaker } from '../worker/picture-maker.ts'
import { maskAtWidth } from '../worker/recorded-picture.ts'
import { createSlowLive, type SlowLive } from '../worker/slow-live.ts'
import { createStillMaker } from '../worker/stills.ts'
import { type CameraWorker, runWorker } from '../worker/worker.ts'
import { type Sensing, startSensing } from './sensing.ts'

/** More than one machine decodes; a lease a camera keeps others free for other workers. */
const CAPACITY = 256

/** What a worker has of the rest of the site: calls in one process, HTTP and the bus between machines. */
export interface WorkerLink {
  /** Of this process and its spool; leases and events carry it. */
  readonly name: string
  readonly controlPlane: ControlPlane
  readonly transport: EventTransport
  readonly sink: EvidenceSink
  readonly pictures: PictureWork
}

export interface Watching {
  readonly worker: CameraWorker
  readonly sensing: Sensing
  readonly spool: Spool
  readonly slow: SlowLive
  readonly live: LiveSource
  readonly recordings: Recordings
  readonly masker: Masker
  readonly dryRuns: DryRuns
  /** Cameras first, then the spool is emptied as far as the other side takes it. */
  stop(): Promise<void>
}

/** The role that watches: cameras → events → spool → transport. It knows the city only through the control plane. */
export async function startWatching(deps: {
  readonly tools: Tools
  readonly folder: DataFolder
  readonly link: WorkerLink
  readonly detector: RunningDetector | null
  /** Why there is no detector. */
  readonly noSight: NoSight | null
  /** Cameras that this process takes at most. */
  readonly capacity?: number
  /** Where the pages' server can ask for live pictures; null: in the same process. */
  readonly endpoint: WorkerFacts['endpoint']
  readonly tracer: Tracer
}): Promise<Watching> {
  const { tools, folder, link, detector, endpoint, tracer } = deps
  const { name, controlPlane, transport, sink } = link
  const { clock, log, metrics } = tools
  const mediaTools = tools.mediaTools()
  const rings = new Map<string, Ring>()

  const { trackLog: limits } = await tools.settings()
  const trackLogs: TrackLogs | null =
    limits.hours > 0 ? createTrackLogs({ folder: folder.trackLog, limits, clock, log, metrics }) : null

  // A full disk takes recordings and track logs before it takes events or readings (invariant 1).
  const shed = (state: string) => {
    if (state !== 'disk_full') return
    for (const ring of rings.values()) void ring.shed(64 << 20)
    void pinnedBytes(folder.pins).then((bytes) => {
      if (bytes > 0)
        log.warn({ bytes }, 'the disk is full, and recordings that are kept for clips and holds stay on it')
    })
    trackLogs
      ?.shed()
      .catch((error) => log.warn({ error: String(error) }, 'the track log gave up nothing for the full disk'))
  }
  const spool = await openSpool({
    folder: folder.spool,
    log,
    metrics,
    clock,
    onState: shed,
    onReadingsState: shed,
  })
  const openEvents = await createOpenEvents({ spool, worker: name, clock, log, metrics, tracer })
  const evidence = createEvidenceSource({
    rings: (camera) => rings.get(camera) ?? null,
    mediaTools,
    folder: folder.pins,
    clock,
    log,
    metrics,
  })
  metrics.sampled('ring_pinned_bytes', async () => [[{}, await pinnedBytes(folder.pins)]])
  const masker = createMasker({ finder: createPersonFinder(detector), mediaTools, log })
  const stills = createStillMaker({ source: evidence, store: sink, masker, clock, log, metrics })

  const draining = new AbortController()
  const drained = runDrain({ spool, transport, clock, log, metrics, tracer, signal: draining.signal })
  const resent = openEvents.run(draining.signal)

  const sensing = startSensing({ tools, worker: name, sink: spool.readings })
  const watching = new AbortController()
  const worker = runWorker(
    {
      facts: { name, version: VERSION, model: detector?.model.id ?? null, endpoint },
      capacity: deps.capacity ?? CAPACITY,
      controlPlane,
      ringFolder: folder.ring,
      mediaTools,
      detector,
      noSight: deps.noSight,
      trackLogs,
      openEvents,
      onHolding: (holding) => sensing.configure(holding),
      evidence,
      stills,
      fullCuts: createFullCuts({ mediaTools, clock, metrics, analysisWidth: ANALYSIS_WIDTH }),
      clock,
      log,
      metrics,
      tracer,
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
  const slow = createSlowLive({
    start: createMpeg1Starter({ folder: join(folder.path, 'mpeg1') }),
    most: Math.max(1, Math.floor(availableParallelism() / 2)),
    ...{ clock, log, metrics },
  })
  sampleWorker(metrics, { worker, spool, slow, clock })
  const isHeld = (id: string) => worker.runs.has(id)
  const tidied = Promise.all([
    runLeftovers(
      {
        ...{ folder: folder.ring, keepMs: LONGEST_RING_MS, isHeld, clock, log },
        onRemoved: () => metrics.count('ring_leftovers_removed_total'),
      },
      watching.signal,
    ),
    runLeftovers(
      {
        ...{ folder: folder.trackLog, keepMs: limits.hours * 3_600_000, isHeld, clock, log },
        onRemoved: () => metrics.count('track_log_leftovers_removed_total'),
      },
      watching.signal,
    ),
  ])
  const workFolder = join(folder.path, 'work')
  await emptyFolder(workFolder)
  const making = new AbortController()
  const made = runPictureMaker(
    {
      work: link.pictures,
      worker: name,
      source: evidence,
      masker,
      store: sink,
      workFolder,
      clock,
      log,
      metrics,
    },
    making.signal,
  )
  const masked = async (camera: CameraConfig, at: number) => {
    const picture = await evidence.still(camera.id, at)
    if (!picture) return null
    const { jpeg } = await masker.still(picture, camera, { box: null, detections: [] })
    return { jpeg, capturedAt: picture.capturedAt }
  }
  const places = {
    // The ring of a camera that was let go no longer knows what lies in its folder.
    rings: (camera: string) => (worker.runs.has(camera) ? (rings.get(camera) ?? null) : null),
    folder: folder.ring,
  }
  const recordings = createRecordingSource({ ...places, mediaTools, mask: maskAtWidth(masker) })
  return {
    worker,
    sensing,
    spool,
    recordings: { ...recordings, pin: (...asked) => evidence.pin(...asked) },
    masker,
    dryRuns: createDryRunner({ trackLogs, recordings: { places, mediaTools }, clock }),
    slow,
    live: createLiveSource(worker.runs, { masked, slow }),
    async stop() {
      making.abort()
      await slow.stop()
      watching.abort()
      await Promise.all([made, tidied])
      await sensing.stop()
      await worker.ended
      draining.abort()
      await Promise.all([drained, resent])
      await spool[Symbol.asyncDispose]()
    },
  }
}
