import { because } from '../../core/attention.ts'
import type { BuiltRuleOf } from '../../core/config/rule.ts'
import type { Detection } from '../../core/frame.ts'
import { unionBox } from '../../core/geometry.ts'
import { createHold } from './hold.ts'
import { type Finding, type RuleContext, ruleBase, scoreOf, type TrackRule } from './rule.ts'
import { isIn } from './within.ts'

/** Burning lasts; a lamp that flashes or one wrong picture does not. Reference: fire and smoke 2–5 s, k of n. */
const FOR_MS = 2_000
const WINDOW_MS = 5_000
const SHARE = 0.6
const SCORE = 0.5
/** An open event lives on weaker signs: flames flicker. */
const KEEP = 0.7
/**
 * Share of a box that must have changed against the last seconds: flames flicker and smoke drifts, a lamp, a sign or a vest does
 * not. Of the labelled boxes of a burning lorry (clips/motorway-fire-onset) 19 of 20 have 0.08 (fire) and 0.05 (smoke), of
 * boxes on standing things the median is 0.
 */
const STIRS = { fire: 0.02, smoke: 0.01 }
const KEEP_STIRS = 0.25

/** `fire` and `smoke`: what the model names so in the zone, in most pictures of 2–5 s. */
export function createBurning(
  config: BuiltRuleOf<'fire'> | BuiltRuleOf<'smoke'>,
  context: RuleContext,
): TrackRule {
  const forMs = config.for ?? FOR_MS
  const score = scoreOf(config, [config.type], context, SCORE)
  const stirs = STIRS[config.type]
  const windowMs = Math.max(WINDOW_MS, forMs)
  const hold = createHold({ forMs, windowMs, share: SHARE, least: 2 })

  return {
    ...ruleBase(config, context, { clearMs: 10_000 }),
    type: config.type,
    over: 'tracks',
    version: `${config.type}/3`,
    thresholds: { score, forMs, windowMs, share: SHARE, changedShare: stirs },
    // Every key frame of a camera with 2 s GOP is looked at (DESIGN 4: full scan for fire 2 s).
    needs: { scanMs: 2_000, changedFps: 3, suspectedFps: 3 },
    step(sight): Finding {
      if (sight.detections === null)
        return { kind: 'unknown', reason: 'the model did not look at this picture' }
      const enough = sight.open ? score * KEEP : score
      const named = sight.detections.filter(
        (d) => d.label === config.type && d.score >= enough && isIn(d.box, context.polygon, 0.3),
      )
      const found = named.filter(({ changed }) => changed >= (sight.open ? stirs * KEEP_STIRS : stirs))
      const held = hold.step(found.length > 0, sight.nowMs)
      if (found.length === 0 || (!held && !sight.open)) {
        return {
          kind: 'absent',
          reason:
            named.length > found.length
              ? `what looks like ${config.type} does not stir`
              : `no ${config.type} at or above ${enough.toFixed(2)}`,
        }
      }
      const sinceMs = held?.sinceMs ?? sight.nowMs
      const share = held?.share ?? 0
      const best = Math.max(...found.map((d) => d.score))
      return {
        kind: 'present',
        firm: held?.firm ?? false,
        sinceMs,
        score: best,
        box: found.map((d) => d.box).reduce(unionBox),
        detections: strongest(found),
        measured: {
          count: found.length,
          lastedMs: Math.round(sight.nowMs - sinceMs),
          shareOfPictures: round(share),
        },
        ...because('found', {
          label: config.type,
          score: best.toFixed(2),
          share: Math.round(share * 100),
        }),
      }
    },
    reset: hold.reset,
  }
}

const strongest = (found: readonly Detection[]) => found.toSorted((a, b) => b.score - a.score).slice(0, 20)
const round = (value: number) => Math.round(value * 1000) / 1000
