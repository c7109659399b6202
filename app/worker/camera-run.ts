import { join } from 'node:path'
import { type CameraConfig, keptHours } from '../../core/config/city.ts'
import { isEnabled } from '../../core/config/rule.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { EventStill } from '../../core/event.ts'
import type { Frame } from '../../core/frame.ts'
import { liveBoxesOf } from '../../core/live-boxes.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { CameraStatus, HeldCamera } from '../../core/ports/control.ts'
import type { Detector } from '../../core/ports/detector.ts'
import type { EvidenceSource } from '../../core/ports/evidence.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { Log, Metrics, Tracer } from '../../core/ports/telemetry.ts'
import { createStopStack } from '../../core/stop-stack.ts'
import { type Told, told } from '../../core/told.ts'
import { noTracer } from '../../core/trace.ts'
import type { NoSight } from '../../core/unavailable.ts'
import { asksTwice } from '../../inference/watch/second-look.ts'
import { createWatcher, type Unavailable } from '../../inference/watch/watcher.ts'
import { createDecoder } from '../../ingest/decode/decoder.ts'
import type { FullCuts } from '../../ingest/evidence/full-cut.ts'
import { createRing, type Ring } from '../../ingest/ring/ring.ts'
import type { EventChange, OpenEvents } from '../../ingest/spool/open-events.ts'
import { type CameraPull, startCamera } from '../../ingest/supervise/start-camera.ts'
import type { CameraState } from '../../ingest/supervise/state.ts'
import type { TrackLog } from '../../ingest/track-log/track-log.ts'
import type { TrackLogs } from '../../ingest/track-log/track-logs.ts'
import { TRACKER_MIN_SCORE } from '../model.ts'
import { type BoxFeed, createBoxFeed } from './box-feed.ts'
import { uuidv7 } from './ids.ts'
import { createOfflineWatch } from './offline.ts'
import type { StillMaker } from './stills.ts'

/** Seconds before an event that its clip shows. */
export const PRE_ROLL_MS = 10_000
/** Width of the pictures that the rules judge, live and in a dry run. */
export const ANALYSIS_WIDTH = 640
const LOOK_MS = 1_000

export interface CameraRun {
  readonly held: HeldCamera
  /** Of the city: rules have hours. */
  readonly timezone: string
  readonly pull: CameraPull
  readonly ring: Ring
  /** For live views; null: no model looks at these pictures, or none of them may be shown plainly. */
  readonly boxes: BoxFeed | null
  status(): CameraStatus
  /** `left`: the camera is no longer configured, its events end; otherwise they stay open for whoever holds it next. */
  stop(left: boolean): Promise<void>
}

export interface CameraRunDeps {
  readonly held: HeldCamera
  readonly timezone: string
  readonly ringFolder: string
  readonly mediaTools: MediaTools
  readonly detector: Detector | null
  /** Why there is no detector. */
  readonly noSight?: NoSight | null
  /** Null: none is written. */
  readonly trackLogs: TrackLogs | null
  readonly openEvents: OpenEvents
  readonly evidence: EvidenceSource
  readonly stills: StillMaker
  /** For second looks in full resolution; null: they see the analysis picture. */
  readonly fullCuts: FullCuts | null
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly tracer?: Tracer
  /** The ring exists from the first frame on: the evidence source finds it here. */
  readonly onRing: (ring: Ring) => void
}

/** One held camera: pull → hub → ring and decoder → watcher → events, until it is stopped. */
export async function startCameraRun(deps: CameraRunDeps): Promise<CameraRun> {
  const { held, mediaTools, clock, metrics, openEvents, evidence, stills, tracer = noTracer } = deps
  const { camera, epoch } = held
  const log = deps.log.child({ camera: camera.id, epoch })
  const stack = createStopStack({ log, clock, deadlineMs: 10_000 })
  const offline = createOfflineWatch(camera.id, uuidv7)
  // Without a model there is nothing to write.
  const trackLog =
    deps.trackLogs && deps.detector
      ? await openTrackLog(deps.trackLogs, camera, deps.detector, log, clock)
      : null
  if (trackLog) stack.push('track log', () => trackLog.stop())
  const watcher = createWatcher({
    camera,
    timezone: deps.timezone,
    detector: deps.detector,
    noSight: deps.noSight ?? null,
    full: deps.fullCuts?.of(camera.id, () => ring.recent()),
    newId: uuidv7,
    log,
    metrics,
    ...(trackLog ? { onPicture: trackLog.append } : {}),
  })
  const boxes =
    deps.detector && camera.privacy.length === 0 ? createBoxFeed({ camera: camera.id, log, metrics }) : null
  const known = new Map<string, EventStill>()
  let unavailable: readonly Unavailable[] = watcher.unavailable
  let trouble: Trouble | null = null
  let diskTrouble: Trouble | null = null
  let stopped = false

  const open = openEvents.openOf(camera.id).map(({ event }) => event)
  for (const event of open) if (event.still) known.set(event.id, event.still)
  for (const event of open.filter((e) => e.type === 'camera_offline')) offline.adopt(event)
  watcher.adopt(open.filter((e) => e.type !== 'camera_offline'))

  const publish = async (change: EventChange): Promise<void> => {
    let { event } = change
    if (change.kind === 'start' && event.type !== 'camera_offline') {
      await evidence.pin(event.id, camera.id, event.startedAt - PRE_ROLL_MS).catch((error) => {
        log.warn(
          { event: event.id, error: toSharpEyesError(error).message },
          'the ring files of an event were not pinned',
        )
      })
      known.set(event.id, await stills.take(event, camera, (still) => addLate(event.id, still)))
    }
    event = { ...event, still: known.get(event.id) ?? null }
    if (change.kind === 'end') known.delete(event.id)
    await openEvents.publish({ kind: change.kind, event }, epoch).catch((error) => {
      const failure = toSharpEyesError(error)
      metrics.count('events_refused_total', { kind: change.kind, code: failure.code })
      log.error({ event: event.id, kind: change.kind, error: failure.message }, 'the spool refused an event')
    })
    metrics.count('events_published_total', { type: event.type, kind: change.kind })
    if (change.kind !== 'update') tell({ kind: change.kind, event })
  }

  /** The turning points of an event, for who follows it by its id. */
  const tell = ({ kind, event }: EventChange): void => {
    const facts = { event: event.id, camera: camera.id, type: event.type }
    log.info({ ...facts, reason: event.endReason }, kind === 'start' ? 'event started' : 'event ended')
    const from = kind === 'start' ? event.startedAt : (event.endedAt ?? event.lastSeenAt)
    const place = { parent: tracer.context(event.id), root: kind === 'start', facts }
    tracer.record(kind === 'start' ? 'event' : 'event ended', place, from, clock.now())
  }

  /** A still that came after its event's start follows with an update, so that the alert gets its picture. */
  const addLate = (id: string, still: EventStill): void => {
    const latest = openEvents.openOf(camera.id).find(({ event }) => event.id === id)
    if (stopped || !latest || !known.has(id)) return // it has ended, or is another worker's
    known.set(id, still)
    void publish({ kind: 'update', event: latest.event })
  }

  const pull = startCamera({
    camera,
    mediaTools,
    clock,
    log: deps.log,
    metrics,
    random: Math.random,
    onState: () => undefined,
  })
  stack.push('pull', () => pull.stop())
  const ring = createRing({
    camera: camera.id,
    hub: pull.hub,
    folder: join(deps.ringFolder, camera.id),
    hours: keptHours(camera),
    onProblem: (problem) => {
      const code = problem?.code === 'disk_full' ? 'disk_full' : 'not_recorded'
      diskTrouble = problem && { problem: problem.message, trouble: told(code) }
    },
    clock,
    log: deps.log,
    metrics,
  })
  stack.push('ring', () => ring.stop())
  deps.onRing(ring)

  const onFrame = async (frame: Frame): Promise<void> => {
    const step = await watcher.step(frame)
    // Before the events: their pictures take their time, and a box is of use while its picture is on screen.
    if (boxes?.wanted && step.followed) {
      const { tracks, nowMs } = step.followed
      boxes.tell(liveBoxesOf(tracks, { mediaMs: frame.mediaMs, nowMs }, deps.detector?.operatingPoints))
    }
    decoder.setAttention(step.attention)
    unavailable = step.unavailable
    for (const change of step.changes) await publish(change)
    metrics.observe('frame_seconds', { camera: camera.id }, (clock.now() - frame.capturedAt) / 1_000)
  }
  const decoder = createDecoder({
    camera: camera.id,
    hub: pull.hub,
    mediaTools,
    clock,
    log: deps.log,
    metrics,
    width: ANALYSIS_WIDTH,
    onFrame: (frame) =>
      onFrame(frame).catch((error) => {
        metrics.count('frame_failures_total', { camera: camera.id })
        log.error({ error: toSharpEyesError(error).message }, 'a picture could not be analysed')
      }),
    onProblem: (problem) => {
      trouble = problem && { problem: problem.message, trouble: told('not_decoded') }
    },
  })
  stack.push('decoder', () => decoder.stop())

  const stopping = new AbortController()
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(LOOK_MS, stopping.signal).catch(() => undefined)
      if (stopping.signal.aborted) return
      const change = offline.look(pull.state, clock.now())
      if (change) await publish(change)
    }
  })()
  stack.push('supervision', () => {
    stopping.abort()
    return looking
  })

  return {
    held,
    timezone: deps.timezone,
    pull,
    ring,
    boxes,
    status: (): CameraStatus => {
      const { state, since } = pull.state
      const { init, lastFrameAt } = pull.picture
      return {
        camera: camera.id,
        state,
        since,
        attention: state === 'online' ? decoder.attention : null,
        ...(troubleOf(pull.state) ?? trouble ?? diskTrouble ?? NO_TROUBLE),
        codec: init?.codec ?? null,
        width: init?.width ?? null,
        height: init?.height ?? null,
        lastFrameAt,
        unavailable,
      }
    },
    async stop(left) {
      stopped = true
      await stack.stop()
      if (left)
        for (const change of watcher.close('the camera left the configuration', clock.now()))
          await publish(change)
    },
  }
}

/** What is wrong with a camera, in English and for pages. */
interface Trouble {
  readonly problem: string
  readonly trouble: Told
}

const NO_TROUBLE = { problem: null, trouble: null } as const

function troubleOf({ problem, code, cause }: CameraState): Trouble | null {
  if (problem === null) return null
  return { problem, trouble: told(code ?? 'internal', cause === null ? {} : { cause }) }
}

/** A camera is watched also where its log cannot be written. */
async function openTrackLog(
  logs: TrackLogs,
  { id, rules }: Pick<CameraConfig, 'id' | 'rules'>,
  { model, labels, operatingPoints = {} }: Detector,
  log: Log,
  clock: Clock,
): Promise<TrackLog | null> {
  try {
    return await logs.open(id, {
      ...{ run: clock.now(), model, labels, operatingPoints, scoreFrom: TRACKER_MIN_SCORE },
      twice: asksTwice(rules.filter(isEnabled).map(({ type }) => type)),
    })
  } catch (error) {
    log.warn({ error: toSharpEyesError(error).message }, 'no track log is written: rules cannot be tried')
    return null
  }
}
