import { unavailableBecause } from '../../core/catalogue.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import { isEnabled } from '../../core/config/rule.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { HazardEvent } from '../../core/event.ts'
import type { Attention, Detection, Frame, Track } from '../../core/frame.ts'
import type { Detector, Log, Metrics } from '../../core/ports.ts'
import type { EpochMs } from '../../core/units.ts'
import { createScene } from '../pixels/scene.ts'
import type { Finding, Rule, Sight } from '../rules/rule.ts'
import { createSchedule, type Schedule } from '../rules/schedule.ts'
import { createRule } from '../rules/table.ts'
import { createTracker } from '../track/tracker.ts'
import { createAttentionKeeper, type Wish } from './attention.ts'
import { createLifecycle, type EventChange, type Lifecycle } from './lifecycle.ts'
import { outsidePrivacy } from './privacy.ts'
import { createScanPlan } from './scan-plan.ts'
import { createTimeline } from './timeline.ts'
import { createZoneChanges } from './zone-changes.ts'

export interface WatcherDeps {
  readonly camera: Pick<CameraConfig, 'id' | 'zones' | 'privacy' | 'rules'>
  /** IANA name of the city's zone, for `hours` of rules. */
  readonly timezone: string
  /** Null: no model is configured; the types that need one are unavailable. */
  readonly detector: Detector | null
  /** A new event id, UUIDv7 in a worker. */
  readonly newId: () => string
  readonly log: Log
  readonly metrics: Metrics
}

export interface Unavailable {
  readonly type: string
  readonly reason: string
}

export interface WatchStep {
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

interface Post {
  readonly rule: Rule
  readonly lifecycle: Lifecycle
  readonly schedule: Schedule
  readonly needsModel: boolean
  onDuty: boolean
}

export function createWatcher(deps: WatcherDeps): Watcher {
  const { camera, detector, metrics } = deps
  const log = deps.log.child({ camera: camera.id })
  const missing = new Map<string, string>()
  const posts = camera.rules.filter(isEnabled).flatMap((config): Post[] => {
    const reason = unavailableBecause(config.type, detector?.labels ?? null)
    const rule = reason === null ? createRule(config, camera, detector?.operatingPoints) : null
    if (!rule) {
      missing.set(config.type, reason ?? 'not built yet')
      return []
    }
    const lifecycle = createLifecycle({
      cameraId: camera.id,
      rule,
      model: detector?.model ?? null,
      newId: deps.newId,
    })
    const schedule = createSchedule(rule.hours, deps.timezone)
    return [{ rule, lifecycle, schedule, needsModel: rule.needs.scanMs !== null, onDuty: false }]
  })

  const scene = createScene({ privacy: camera.privacy })
  const timeline = createTimeline()
  const tracker = createTracker()
  const zones = createZoneChanges(camera.privacy)
  const keeper = createAttentionKeeper()
  const scans = createScanPlan()
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

  const look = async (frame: Frame): Promise<readonly Detection[] | null> => {
    if (!detector) return null
    try {
      const found = await detector.detect(frame)
      if (failure !== null && found !== null) {
        log.info({}, 'the detector works again')
        failure = null
      }
      return found === null ? null : outsidePrivacy(found, camera.privacy)
    } catch (thrown) {
      const { code, message } = toSharpEyesError(thrown)
      metrics.count('detector_failures_total', { camera: camera.id, code })
      if (failure === null)
        log.error({ code, error: message }, 'the detector failed; its types are not watched')
      failure = `detector failed: ${message}`
      return null
    }
  }

  const judge = (post: Post, sight: Omit<Sight, 'open'>): Finding => {
    const { rule, schedule } = post
    const onDuty = schedule(sight.frame.capturedAt)
    if (post.onDuty && !onDuty) rule.reset()
    post.onDuty = onDuty
    if (!onDuty) return { kind: 'absent', reason: `outside its hours ${rule.hours}` }
    if (post.needsModel && sight.detections === null) {
      return { kind: 'unknown', reason: failure ?? 'the model did not look at this picture' }
    }
    return rule.step({ ...sight, open: post.lifecycle.open !== null })
  }

  const run = async (frame: Frame): Promise<WatchStep> => {
    const nowMs = timeline.now(frame)
    const picture = scene.step(frame, nowMs)
    if (picture.restart !== null || frame.connection !== connection) {
      tracker.reset()
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
    const detections = due ? await look(frame) : null
    if (detections !== null) {
      tracks = tracker.step(detections, nowMs)
      scans.done(nowMs)
    }

    const sight = { nowMs, frame, picture, detections, tracks }
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
      const finding = judge(post, sight)
      const change = post.lifecycle.step(finding, { nowMs, frame })
      if (change) changes.push(change)
      scans.note(post.rule, finding, post.lifecycle.open !== null)
      const wish = wishOf(post, finding)
      if (wish) wishes.push(wish)
    }
    for (const { kind, event } of changes) metrics.count('event_changes_total', { kind, type: event.type })
    return { changes, attention: keeper.step(wishes, nowMs), unavailable: unavailable() }
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
        const post = posts.find(
          (p) =>
            p.rule.id === event.rule.id &&
            p.rule.type === event.type &&
            p.rule.zone === event.zone &&
            !p.lifecycle.open,
        )
        if (post) {
          post.lifecycle.adopt(event)
          post.rule.adopt?.(event)
        } else if (!missing.has(event.type)) orphans = [...orphans, event]
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
  if (finding.kind === 'unknown' && finding.wantsFps)
    return { fps: finding.wantsFps, reason: `${rule.id}: ${finding.reason}` }
  if (finding.kind !== 'present' || lifecycle.open) return null
  return rule.needs.suspectedFps > 0
    ? { fps: rule.needs.suspectedFps, reason: `${rule.id}: ${finding.reason}` }
    : null
}
