import { CATALOGUE, type Needs } from '../../core/catalogue.ts'
import { isEnabled, type RuleConfig } from '../../core/config/rule.ts'
import { fieldsOf } from '../../core/config/rule-fields.ts'
import type {
  DryRunFindings,
  DryRunRequest,
  DryRunSide,
  DryRunWatch,
  NotReplayed,
  ReplayedLog,
  RuleSetText,
} from '../../core/dry-run.ts'
import { createStretches } from '../../core/stretches.ts'
import type { LoggedPicture, TrackLogEntry, TrackLogHead } from '../../core/track-log.ts'
import { asksTwice } from '../watch/second-look.ts'
import { createRaised, type Raised } from './raised.ts'
import { cameraOf, judgesPixels, parseSet } from './rule-sets.ts'
import { createTrackReplay, type TrackReplay } from './track-replay.ts'

/** What lasted before the span is known from before it: so much more of the log is judged, and not counted. */
const LEAD_MS = 15 * 60_000
/** A longer pause between two pictures is no watching. */
const GAP_MS = 60_000
/** An open event lives on signs of this share of its score (inference/rules/burning.ts). */
const WEAKEST = 0.7

/** From when on the log is wanted. */
export const wantedFrom = ({ from, candidate, inForce }: DryRunRequest): number => {
  const longest = [inForce, candidate]
    .flatMap((set) => parseSet(set).rules)
    .reduce((most, rule) => Math.max(most, rule.for ?? 0), 0)
  return from - LEAD_MS - Math.min(longest, 12 * 3_600_000)
}

/**
 * Judges the log of a camera, from `wantedFrom` on, by the rules in force and by the candidate, with the code that judges
 * live pictures; those over pixels are not: see `withRecording`. `pause` is called after each picture: it lets others have their turn. Throws `config_invalid` for rules
 * that are none, `too_large`, and the signal's reason.
 */
export async function replayLog(
  request: DryRunRequest,
  entries: AsyncIterable<TrackLogEntry>,
  watch: Pick<DryRunWatch, 'signal' | 'onProgress'>,
  pause: () => Promise<void> | undefined,
): Promise<DryRunFindings> {
  const begin = wantedFrom(request)
  const log = createLogFacts(request)
  const sides = [request.inForce, request.candidate].map((set) => createSide(set, request))
  for await (const entry of entries) {
    watch.signal.throwIfAborted()
    log.take(entry)
    for (const side of sides) side.raised.take(side.replay.take(entry))
    if (entry.kind !== 'picture') continue
    const { capturedAt } = entry.picture
    watch.onProgress({
      step: 'tracks',
      share: Math.max(0, Math.min(1, (capturedAt - begin) / (request.to - begin))),
    })
    await pause()
  }
  const [inForce, candidate] = sides.map((side) => side.finish(log)) as [DryRunSide, DryRunSide]
  return { inForce, candidate, log: log.facts(), recording: null, away: [] }
}

interface Side {
  readonly replay: TrackReplay
  readonly raised: Raised
  finish(log: LogFacts): DryRunSide
}

function createSide(set: RuleSetText, request: DryRunRequest): Side {
  const camera = cameraOf(request, set)
  const { rules } = camera
  let n = 0
  const replay = createTrackReplay({ camera, timezone: request.timezone, newId: () => `replay-${++n}` })
  const raised = createRaised(request.from, request.to)
  return {
    replay,
    raised,
    finish: (log) => ({
      rules: rules.map((rule) => {
        const notReplayed = notReplayedBecause(rule, log)
        const { scoreFrom } = log.facts()
        const seenOnce = notReplayed === null && asksTwice([rule.type]) && log.once
        return {
          ...{
            rule: rule.id,
            type: rule.type,
            zone: rule.zone ?? null,
            notReplayed,
            unjudgedMs: 0,
            seenOnce,
          },
          source: judgesPixels(rule) ? 'recording' : 'log',
          weakerThanLog: notReplayed === null && scoreFrom !== null && scoreOf(rule) * WEAKEST < scoreFrom,
        }
      }),
      events: raised.events,
    }),
  }
}

function notReplayedBecause(rule: RuleConfig, log: LogFacts): NotReplayed | null {
  if (!isEnabled(rule)) return 'disabled'
  const needs: Needs = CATALOGUE[rule.type].needs
  switch (needs.kind) {
    case 'pixels':
      return 'no_recording'
    case 'supervision':
      return 'supervision'
    case 'sensor':
    case 'not_built':
      return 'not_built'
    case 'labels':
      if (log.facts().pictures === 0) return 'no_log'
      return needs.anyOf.some((label) => log.labels.has(label)) ? null : 'no_model'
  }
}

/** The score that a rule asks for; a rule without one never asks for less than any. */
function scoreOf(rule: RuleConfig): number {
  if ('score' in rule && typeof rule.score === 'number') return rule.score
  return fieldsOf(rule.type).find(({ key }) => key === 'score')?.fallback ?? 1
}

interface LogFacts {
  take(entry: TrackLogEntry): void
  readonly labels: ReadonlySet<string>
  /** Whether the model looked but once at something in the span. */
  readonly once: boolean
  facts(): ReplayedLog
}

/** What of the log lies in the span itself. */
function createLogFacts({ from, to }: DryRunRequest): LogFacts {
  const labels = new Set<string>()
  const seen = createStretches({ from, to }, GAP_MS)
  let head: TrackLogHead | null = null
  let [pictures, looks, lost] = [0, 0, 0]
  let scoreFrom: number | null = null
  let inside = false
  let once = false

  const picture = ({ capturedAt, detections }: LoggedPicture): void => {
    inside = capturedAt >= from && capturedAt < to
    if (!inside || !head) return
    pictures += 1
    if (detections !== null) looks += 1
    for (const label of head.labels) labels.add(label)
    if (detections !== null && head.twice === false) once = true
    scoreFrom = Math.max(scoreFrom ?? 0, head.scoreFrom)
    seen.take(capturedAt)
  }
  return {
    labels,
    get once() {
      return once
    },
    take(entry) {
      if (entry.kind === 'head') head = entry.head
      else if (entry.kind === 'picture') picture(entry.picture)
      else if (inside) lost += entry.pictures
    },
    facts: () => ({ ...{ pictures, looks, lost, scoreFrom }, stretches: seen.stretches() }),
  }
}
