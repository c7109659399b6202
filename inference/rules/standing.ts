import { because } from '../../core/attention.ts'
import type { BuiltRuleOf } from '../../core/config/rule.ts'
import type { Track } from '../../core/frame.ts'
import { type Box, iou, unionBox } from '../../core/geometry.ts'
import type { DurationMs } from '../../core/units.ts'
import { type Finding, type RuleContext, ruleBase, scoreOf, type TrackRule } from './rule.ts'
import { standsIn } from './within.ts'

/** Share of the thing that must be over the zone when its bottom centre is not. */
const OVERLAP = 0.3
const SAME_PLACE_IOU = 0.5

/** What must not stand there, and how long it may. */
export interface StandingOptions {
  readonly labels: readonly string[]
  /** For example `vehicle`, for reasons. */
  readonly noun: string
  /** Where the rule says nothing. */
  readonly forMs: DurationMs
  readonly clearMs: DurationMs
  readonly score: number
}

/** A thing that stands: its place is remembered beyond its track, because what hides it ends the track, not the standing. */
interface Stand {
  readonly trackId: number
  readonly box: Box
  readonly sinceMs: number
  readonly seenMs: number
  readonly score: number
  readonly label: string
}

/** Something stands in the zone for `for`; also what stood there from the first picture. */
export function createStanding(
  config: BuiltRuleOf<'lane_blocked'> | BuiltRuleOf<'litter_pile'>,
  context: RuleContext,
  { labels, noun, ...defaults }: StandingOptions,
): TrackRule {
  const forMs = config.for ?? defaults.forMs
  const score = scoreOf(config, labels, context, defaults.score)
  const base = ruleBase(config, context, defaults)
  const patienceMs = Math.max(base.clearMs, 15_000)
  let stands: readonly Stand[] = []

  const standing = (track: Track, nowMs: number): Stand | null => {
    if (track.stillSinceMs === null || track.lastSeenMs !== nowMs || !labels.includes(track.label))
      return null
    if (track.medianScore < score || !standsIn(track.box, context.polygon, OVERLAP)) return null
    const known = stands.find((s) => s.trackId === track.id)
    // A new number on a known place that was never seen to move is the same thing after something hid it.
    const hidden = known ?? stands.find((s) => bornStill(track) && iou(s.box, track.box) >= SAME_PLACE_IOU)
    const sinceMs = Math.min(hidden?.sinceMs ?? track.stillSinceMs, track.stillSinceMs)
    return {
      trackId: track.id,
      box: track.box,
      sinceMs,
      seenMs: nowMs,
      score: track.medianScore,
      label: track.label,
    }
  }

  return {
    ...base,
    type: config.type,
    over: 'tracks',
    version: `${config.type}/1`,
    thresholds: { score, forMs, overlap: OVERLAP },
    needs: { scanMs: 10_000, changedFps: 2, suspectedFps: 0 },
    step(sight): Finding {
      const { nowMs } = sight
      if (sight.detections === null)
        return { kind: 'unknown', reason: 'the model did not look at this picture' }
      const seen = sight.tracks.map((track) => standing(track, nowMs)).filter((s) => s !== null)
      const moved = new Set(
        sight.tracks.filter((t) => t.lastSeenMs === nowMs && t.stillSinceMs === null).map((t) => t.id),
      )
      const waiting = stands.filter(
        (s) =>
          !moved.has(s.trackId) &&
          nowMs - s.seenMs <= patienceMs &&
          !seen.some((n) => n.trackId === s.trackId || iou(n.box, s.box) >= SAME_PLACE_IOU),
      )
      stands = [...seen, ...waiting]
      if (seen.length === 0) {
        return {
          kind: 'absent',
          reason: waiting.length > 0 ? `the ${noun} is hidden` : `no ${noun} stands in the zone`,
        }
      }
      const longest = seen.reduce((a, b) => (b.sinceMs < a.sinceMs ? b : a))
      const stillMs = nowMs - longest.sinceMs
      const blocking = seen.filter((s) => nowMs - s.sinceMs >= forMs)
      const shown = blocking.length > 0 ? blocking : [longest]
      return {
        kind: 'present',
        firm: stillMs >= forMs,
        sinceMs: longest.sinceMs,
        score: longest.score,
        box: shown.map((s) => s.box).reduce(unionBox),
        detections: shown.slice(0, 20).map(({ label, score: s, box }) => ({ label, score: s, box })),
        measured: { count: shown.length, stillMs: Math.round(stillMs) },
        ...because('standing', { label: longest.label, seconds: Math.round(stillMs / 1000) }),
      }
    },
    reset() {
      stands = []
    },
  }
}

const bornStill = (track: Track): boolean =>
  track.stillSinceMs !== null && track.stillSinceMs - track.firstSeenMs < 500
