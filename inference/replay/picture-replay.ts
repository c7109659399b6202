import type { DryRunRequest, RaisedEvent, RuleSetText } from '../../core/dry-run.ts'
import type { Attention, Detection, Frame } from '../../core/frame.ts'
import type { Detector } from '../../core/ports/detector.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { TrackLogHead } from '../../core/track-log.ts'
import { createWatcher, type Watcher } from '../watch/watcher.ts'
import { createRaised } from './raised.ts'
import { cameraOf, pixelRules } from './rule-sets.ts'

/** What the rules of one set over pixels raised. */
export interface JudgedSet {
  readonly events: readonly RaisedEvent[]
  /** Recorded time of the span in which a rule said nothing, ms, by its id. */
  readonly unjudged: Readonly<Record<string, number>>
}

/** Recorded pictures → what the sets would have raised, with the watcher that judges live pictures. */
export interface PictureReplay {
  /**
   * `takes[n]`: the picture is one that set `n` would have been given. `detections`: what the model found in it live; null: it
   * did not look. Answers how each set wants the camera decoded from now on.
   */
  step(
    frame: Frame,
    takes: readonly boolean[],
    detections: readonly Detection[] | null,
  ): Promise<readonly Attention[]>
  found(): readonly JudgedSet[]
}

/** Between two pictures further apart than this nothing was recorded: key frames that come more rarely are decoded in full. */
const GAP_MS = 3_000

/** The sets of a request that have rules over pixels, each once; and which of them stands for which. */
export function pictureSets({ inForce, candidate }: DryRunRequest): {
  readonly sets: readonly RuleSetText[]
  /** Index in `sets`; null: the set has no rule over pixels. */
  readonly inForce: number | null
  readonly candidate: number | null
} {
  const sets: RuleSetText[] = []
  const place = (set: RuleSetText): number | null => {
    if (pixelRules(set).length === 0) return null
    const text = JSON.stringify(set)
    const known = sets.findIndex((other) => JSON.stringify(other) === text)
    return known >= 0 ? known : sets.push(set) - 1
  }
  return { inForce: place(inForce), candidate: place(candidate), sets }
}

/** `head`: of the track log of the span; null: nothing was logged, and rules that need a model are not watched. */
export function createPictureReplay(request: DryRunRequest, head: TrackLogHead | null): PictureReplay {
  const { detector, show } = createLoggedDetector(head)
  const judged = pictureSets(request).sets.map((set) => createSet(set, request, detector))
  const attentions: Attention[] = judged.map(() => ({ level: 'sentry', fps: 0, reason: 'the first picture' }))

  return {
    async step(frame, takes, detections) {
      show(frame, detections)
      for (const [n, set] of judged.entries()) {
        if (takes[n]) attentions[n] = await set.step(frame)
      }
      return attentions.slice()
    },
    found: () => judged.map((set) => set.found()),
  }
}

/**
 * Answers for the picture that is shown what the log has of it, both looks of the model together. Of any other, as of the
 * part that a second look is for, the log says nothing: null.
 */
export function createLoggedDetector(head: TrackLogHead | null): {
  /** Null: the log was written without a model. */
  readonly detector: Detector | null
  show(frame: Frame, detections: readonly Detection[] | null): void
} {
  let shown: Frame | null = null
  let logged: readonly Detection[] | null = null
  return {
    detector: head?.model
      ? {
          ...{ model: head.model, labels: head.labels, operatingPoints: head.operatingPoints },
          detect: async (frame) => (frame === shown ? logged : null),
        }
      : null,
    show(frame, detections) {
      shown = frame
      logged = detections
    },
  }
}

function createSet(set: RuleSetText, request: DryRunRequest, detector: Detector | null) {
  const { from, to } = request
  const mine = new Set(pixelRules(set).map(({ id }) => id))
  const raised = createRaised(from, to)
  const unjudged = new Map<string, number>()
  let before: number | null = null
  let now = 0
  let n = 0

  const note = (rule: string): void => {
    const elapsed = before === null ? 0 : now - Math.max(before, from)
    if (!mine.has(rule) || now >= to || elapsed <= 0 || elapsed > GAP_MS) return
    unjudged.set(rule, (unjudged.get(rule) ?? 0) + elapsed)
  }
  // All its rules watch: what the others want to see is decoded too, as it was live.
  const watcher: Watcher = createWatcher({
    camera: cameraOf(request, set),
    timezone: request.timezone,
    detector,
    newId: () => `replay-${++n}`,
    log: silent,
    metrics: uncounted,
    onFinding(rule, finding) {
      if (finding.kind === 'unknown' || finding.kind === 'void') note(rule.id)
    },
  })
  return {
    async step(frame: Frame): Promise<Attention> {
      now = frame.capturedAt
      const { changes, attention } = await watcher.step(frame)
      before = now
      raised.take(changes.filter(({ event }) => mine.has(event.rule.id)))
      return attention
    },
    found: (): JudgedSet => ({ events: raised.events, unjudged: Object.fromEntries(unjudged) }),
  }
}

/** A replay is no watching: nothing of it is counted or written down. */
const uncounted: Metrics = { count: () => undefined, gauge: () => undefined, observe: () => undefined }
const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
}
