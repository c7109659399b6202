import type { Because } from '../../core/attention.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { HazardEvent } from '../../core/event.ts'
import type { Attention, Frame, SeenDetection, Track } from '../../core/frame.ts'
import type { Detector } from '../../core/ports/detector.ts'
import type { FullResolution } from '../../core/ports/full-resolution.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import { asLogged, type LoggedPicture } from '../../core/track-log.ts'
import { type NoSight, noSightText } from '../../core/unavailable.ts'
import type { EpochMs } from '../../core/units.ts'
import { createScene, type Picture } from '../pixels/scene.ts'
import type { Finding, Rule } from '../rules/rule.ts'
import { createTracker } from '../track/tracker.ts'
import { createAttentionKeeper, type Wish } from './attention.ts'
import { createCloserLook } from './closer-look.ts'
import type { EventChange } from './lifecycle.ts'
import { createOwnMotion } from './own-motion.ts'
import { adoptEvent, createPosts, judge, type Post } from './posts.ts'
import { outsidePrivacy } from './privacy.ts'
import { createScanPlan } from './scan-plan.ts'
import { asksTwice } from './second-look.ts'
import { createTimeline } from './timeline.ts'
import { createZoneChanges } from './zone-changes.ts'

export interface WatcherDeps {
  readonly camera: Pick<CameraConfig, 'id' | 'zones' | 'privacy' | 'rules'>
  /** IANA name of the city's zone, for `hours` of rules. */
  readonly timezone: string
  /** Null: no model looks; the types that need one are unavailable. */
  readonly detector: Detector | null
  /** Why there is no detector; nobody chose a model where it is absent. */
  readonly noSight?: NoSight | null
  /** For second looks; absent: they see the analysis picture. */
  readonly full?: FullResolution | undefined
  /** A new event id, UUIDv7 in a worker. */
  readonly newId: () => string
  readonly log: Log
  readonly metrics: Metrics
  /** Told of every picture after the model's turn, in order: what the track log holds. */
  readonly onPicture?: (picture: LoggedPicture) => void
  /** Told of what each rule said of each picture. */
  readonly onFinding?: (rule: Rule, finding: Finding) => void
}

export interface Unavailable {
  readonly type: string
  readonly reason: string
}

export interface WatchStep {
  /** Everything that is followed, and the time by which `lastSeenMs` tells what this picture shows; null: no model looked. */
  readonly followed: { readonly tracks: readonly Track[]; readonly nowMs: number } | null
  readonly changes: readonly EventChange[]
  /** How the camera should be decoded from now on. */
  readonly attention: Attention
  /** Types of its rules that are not watched now, and why. */
  readonly unavailable: readonly Unavailable[]
}

/** One camera's pictures → changes of its events. */
export interface Watcher {
  /** Pictures in the order of their capture. Concurrent calls are taken one after the other. Never throws for a model. */
  step(frame: Frame): Promise<WatchStep>
  /** Goes on with events that an earlier worker left open; those that no rule stands for end with the next picture. */
  adopt(events: readonly HazardEvent[]): void
  /** Ends every open event (the camera leaves the configuration). `at`: epoch ms. */
  close(reason: string, at: EpochMs): readonly EventChange[]
  readonly unavailable: readonly Unavailable[]
}

export function createWatcher(deps: WatcherDeps): Watcher {
  const { camera, detector, metrics } = deps
  const log = deps.log.child({ camera: camera.id })
  const { posts, missing } = createPosts({
    ...{ camera, timezone: deps.timezone, newId: deps.newId },
    looks: detector,
    noSight: deps.noSight,
  })

  const scene = createScene({ privacy: camera.privacy })
  const timeline = createTimeline()
  const tracker = createTracker()
  const zones = createZoneChanges(camera.privacy)
  const keeper = createAttentionKeeper()
  const scans = createScanPlan()
  const motion = createOwnMotion()
  const closer = createCloserLook({
    ...{ camera: camera.id, metrics, full: deps.full, privacy: camera.privacy },
    detector: asksTwice(posts.map(({ rule }) => rule.type)) ? detector : null,
  })
  let orphans: readonly HazardEvent[] = []
  let failure: string | null = null
  let connection = 0
  let tracks: readonly Track[] = []
  let turn: Promise<unknown> = Promise.resolve()

  const unavailable = (): readonly Unavailable[] => {
    const failed =
      failure === null ? [] : posts.filter((p) => p.needsModel).map((p) => [p.rule.type, failure] as const)
    return [
      ...new Map<string, string>([...missing, ...failed.map(([t, r]) => [t, r as string] as const)]),
    ].map(([type, reason]) => ({ type, reason }))
  }

  const look = async (
    frame: Frame,
    picture: Picture,
    nowMs: number,
  ): Promise<readonly SeenDetection[] | null> => {
    if (!detector) return null
    try {
      const found = await detector.detect(frame)
      if (failure !== null && found !== null) {
        log.info({}, 'the detector works again')
        failure = null
      }
      if (found === null) return null
      // What is found inside a privacy polygon is no reason to look closer; who moves there still explains what stirs.
      const both = await closer.look(frame, outsidePrivacy(found, camera.privacy), picture, nowMs)
      motion.see(found, nowMs)
      return outsidePrivacy(
        both.map((find) => asLogged(find, () => motion.changed(find, picture))),
        camera.privacy,
      )
    } catch (thrown) {
      const { code, message } = toSharpEyesError(thrown)
      metrics.count('detector_failures_total', { camera: camera.id, code })
      if (failure === null)
        log.error({ code, error: message }, 'the detector failed; its types are not watched')
      failure = noSightText({ kind: 'failed', why: message })
      return null
    }
  }

  const run = async (frame: Frame): Promise<WatchStep> => {
    const nowMs = timeline.now(frame)
    const picture = scene.step(frame, nowMs)
    if (picture.restart !== null || frame.connection !== connection) {
      tracker.reset()
      motion.reset()
      tracks = []
    }
    connection = frame.connection
    const onDuty = posts.filter((post) => post.schedule(frame.capturedAt))
    const wishes: Wish[] = [
      ...zones.step(
        picture,
        onDuty.map((post) => post.rule),
      ),
    ]

    const due = scans.due(
      onDuty.map((post) => post.rule),
      wishes.length > 0 || picture.restart !== null,
      nowMs,
    )
    const detections = due ? await look(frame, picture, nowMs) : null
    if (detections !== null) {
      tracks = tracker.step(detections, nowMs)
      scans.done(nowMs)
    }

    deps.onPicture?.(loggedOf(frame, picture.restart !== null, detections))

    const sight = { nowMs, frame, picture, detections, tracks }
    const asked = { capturedAt: frame.capturedAt, detections, failure }
    const changes: EventChange[] = orphans.map((event) => ({
      kind: 'end',
      event: {
        ...event,
        endedAt: Math.round(frame.capturedAt),
        endReason: 'its rule is no longer configured',
      },
    }))
    orphans = []
    for (const post of posts) {
      const finding = judge(post, asked, (rule, open) => rule.step({ ...sight, open }))
      const change = post.lifecycle.step(finding, { nowMs, frame })
      if (change) changes.push(change)
      scans.note(post.rule, finding, post.lifecycle.open !== null)
      deps.onFinding?.(post.rule, finding)
      const wish = wishOf(post, finding)
      if (wish) wishes.push(wish)
    }
    for (const { kind, event } of changes) metrics.count('event_changes_total', { kind, type: event.type })
    const followed = detections === null ? null : { tracks, nowMs }
    return { followed, changes, attention: keeper.step(wishes, nowMs), unavailable: unavailable() }
  }

  return {
    step(frame) {
      const mine = turn.then(() => run(frame))
      // A failed turn is its caller's; the next one takes its own.
      turn = mine.catch(() => undefined)
      return mine
    },
    adopt(events) {
      for (const event of events) {
        if (!adoptEvent(posts, event) && !missing.has(event.type)) orphans = [...orphans, event]
      }
    },
    close: (reason, at) =>
      posts.map((post) => post.lifecycle.end(reason, at)).filter((change) => change !== null),
    get unavailable() {
      return unavailable()
    },
  }
}

/** A hazard that is suspected, not yet an event, is looked at closer. An open event is kept by key frames. */
function wishOf({ rule, lifecycle }: Post, finding: Finding): Wish | null {
  const wish = (fps: number, { reason, why }: Because): Wish => ({
    ...{ fps, reason: `${rule.id}: ${reason}` },
    why: { ...why, rule: rule.id, past: false },
  })
  if (finding.kind === 'unknown' && finding.wantsFps !== undefined) return wish(finding.wantsFps, finding)
  if (finding.kind !== 'present' || lifecycle.open) return null
  return rule.needs.suspectedFps > 0 ? wish(rule.needs.suspectedFps, finding) : null
}

function loggedOf(
  { connection, mediaMs, capturedAt, clock, key, discontinuity }: Frame,
  restart: boolean,
  detections: readonly SeenDetection[] | null,
): LoggedPicture {
  return { connection, mediaMs, capturedAt, clock, key, discontinuity, restart, detections }
}
