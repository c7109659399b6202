import type { HazardEvent } from '../../core/event.ts'
import type { FrameFacts, ModelIdentity } from '../../core/frame.ts'
import { clampBox, iou } from '../../core/geometry.ts'
import type { EpochMs } from '../../core/units.ts'
import type { Finding, PresentFinding, Rule } from '../rules/rule.ts'
import { epochOf } from './timeline.ts'

export interface EventChange {
  readonly kind: 'start' | 'update' | 'end'
  readonly event: HazardEvent
}

/** Of a picture: when it was taken, and how sure that is. */
type Moment = Pick<FrameFacts, 'capturedAt' | 'clock'>

/** The events of one rule, one after the other: at most one is open (invariant 3: one alert a rule and zone). */
export interface Lifecycle {
  readonly open: HazardEvent | null
  step(finding: Finding, moment: { readonly nowMs: number; readonly frame: Moment }): EventChange | null
  /** Goes on with an event that another worker began. */
  adopt(event: HazardEvent): void
  end(reason: string, at: EpochMs): EventChange | null
}

/** Updates come at most this often, and more rarely the longer nothing of substance changes. */
const UPDATE_MS = 5_000
const RAREST_UPDATE_MS = 30_000
/** A change of substance is told at once, yet not more often than this. */
const SUBSTANCE_MS = 1_000
/** A gap between two pictures beyond this was not watched and does not count as quiet. */
const WATCHED_GAP_MS = 15_000

export function createLifecycle(deps: {
  readonly cameraId: string
  readonly rule: Rule
  readonly model: ModelIdentity | null
  readonly newId: () => string
}): Lifecycle {
  const { cameraId, rule, model, newId } = deps
  let event: HazardEvent | null = null
  let told: HazardEvent | null = null
  let toldMs = 0
  let pauseMs = UPDATE_MS
  /** Quiet time in which pictures were judged; what could not be judged is no quiet. */
  let quietMs = 0
  let lastMs: number | null = null

  const tell = (kind: EventChange['kind'], next: HazardEvent, nowMs: number): EventChange => {
    told = next
    toldMs = nowMs
    event = kind === 'end' ? null : next
    return { kind, event: next }
  }

  const finish = (reason: string, at: EpochMs, nowMs: number): EventChange | null =>
    event ? tell('end', { ...event, endedAt: at, endReason: reason }, nowMs) : null

  const begin = (finding: PresentFinding, nowMs: number, frame: Moment): EventChange => {
    quietMs = 0
    pauseMs = UPDATE_MS
    const fresh: HazardEvent = {
      id: newId(),
      source: { kind: 'camera', id: cameraId },
      type: rule.type,
      zone: rule.zone,
      rule: { id: rule.id, version: rule.version },
      severity: rule.severity,
      since: epochOf(finding.sinceMs, nowMs, frame),
      startedAt: Math.round(frame.capturedAt),
      lastSeenAt: Math.round(frame.capturedAt),
      endedAt: null,
      endReason: null,
      clock: frame.clock,
      score: 0,
      peakScore: 0,
      box: null,
      detections: [],
      measured: {},
      thresholds: { ...rule.thresholds, clearMs: rule.clearMs },
      model: rule.needs.scanMs === null ? null : model,
      still: null,
    }
    return tell('start', seen(fresh, finding, frame), nowMs)
  }

  const keep = (
    finding: PresentFinding,
    open: HazardEvent,
    nowMs: number,
    frame: Moment,
  ): EventChange | null => {
    quietMs = 0
    event = seen(open, finding, frame)
    const substance = told === null || differs(told, event)
    if (substance && nowMs - toldMs >= SUBSTANCE_MS) {
      pauseMs = UPDATE_MS
      return tell('update', event, nowMs)
    }
    if (nowMs - toldMs < pauseMs) return null
    pauseMs = Math.min(RAREST_UPDATE_MS, pauseMs * 2)
    return tell('update', event, nowMs)
  }

  return {
    get open() {
      return event
    },
    step(finding, { nowMs, frame }) {
      const elapsed = lastMs === null ? 0 : nowMs - lastMs
      lastMs = nowMs
      switch (finding.kind) {
        case 'present':
          if (event) return keep(finding, event, nowMs, frame)
          return finding.firm ? begin(finding, nowMs, frame) : null
        case 'unknown':
          return null
        case 'void':
          return finish(finding.reason, Math.round(frame.capturedAt), nowMs)
        case 'absent':
          if (!event) return null
          quietMs += elapsed <= WATCHED_GAP_MS ? elapsed : 0
          if (quietMs < rule.clearMs) return null
          return finish(
            `not seen for ${Math.round(quietMs / 1000)} s: ${finding.reason}`,
            Math.round(frame.capturedAt),
            nowMs,
          )
      }
    },
    adopt(adopted) {
      event = adopted
      told = adopted
      toldMs = lastMs ?? 0
      quietMs = 0
    },
    end: (reason, at) => finish(reason, Math.round(at), lastMs ?? 0),
  }
}

function seen(event: HazardEvent, finding: PresentFinding, frame: Moment): HazardEvent {
  return {
    ...event,
    lastSeenAt: Math.round(frame.capturedAt),
    clock: frame.clock,
    score: finding.score,
    peakScore: Math.max(event.peakScore, finding.score),
    box: finding.box ? clampBox(finding.box) : null,
    detections: finding.detections
      .slice(0, 20)
      .map(({ label, score, box }) => ({ label, score, box: clampBox(box) })),
    measured: finding.measured,
  }
}

/** Worth telling before its time: clearly surer than ever, or somewhere else. */
function differs(told: HazardEvent, now: HazardEvent): boolean {
  if (now.peakScore - told.peakScore >= 0.1) return true
  return told.box !== null && now.box !== null && iou(told.box, now.box) < 0.4
}
