import { because } from '../../core/attention.ts'
import { BARE_FACE_LABEL, MASKED_FACE_LABEL } from '../../core/catalogue.ts'
import type { BuiltRuleOf } from '../../core/config/rule.ts'
import type { Detection } from '../../core/frame.ts'
import { iou, unionBox } from '../../core/geometry.ts'
import { createHold } from './hold.ts'
import { type Finding, type RuleContext, ruleBase, scoreOf, type TrackRule } from './rule.ts'
import { isIn } from './within.ts'

/** Somebody who walks past or drinks is no kitchen without masks. */
const FOR_MS = 10_000
/** Faces turn away: half of the looks are enough. */
const SHARE = 0.5
const SCORE = 0.5
/** One face that the model names both ways is what it names it with the higher score. */
const SAME_FACE_IOU = 0.5

/** `no_mask`: a face without a mask is in the zone in most looks of `for`. A box, a score and a number; nobody is known. */
export function createNoMask(config: BuiltRuleOf<'no_mask'>, context: RuleContext): TrackRule {
  const forMs = config.for ?? FOR_MS
  const score = scoreOf(config, [BARE_FACE_LABEL], context, SCORE)
  const hold = createHold({ forMs, windowMs: Math.max(2 * forMs, 10_000), share: SHARE, least: 3 })

  return {
    ...ruleBase(config, context, { clearMs: 30_000 }),
    type: 'no_mask',
    over: 'tracks',
    version: 'no_mask/1',
    thresholds: { score, forMs, share: SHARE },
    needs: { scanMs: 10_000, changedFps: 2, suspectedFps: 2 },
    step(sight): Finding {
      if (sight.detections === null)
        return { kind: 'unknown', reason: 'the model did not look at this picture' }
      const masked = sight.detections.filter(({ label }) => label === MASKED_FACE_LABEL)
      const bare = sight.detections.filter(
        (face) =>
          face.label === BARE_FACE_LABEL &&
          face.score >= score &&
          isIn(face.box, context.polygon, 0.5) &&
          !masked.some((other) => isSame(face, other) && other.score >= face.score),
      )
      const held = hold.step(bare.length > 0, sight.nowMs)
      if (bare.length === 0 || (!held && !sight.open))
        return { kind: 'absent', reason: `no face without a mask at or above ${score.toFixed(2)}` }
      const sinceMs = held?.sinceMs ?? sight.nowMs
      return {
        kind: 'present',
        firm: held?.firm ?? false,
        sinceMs,
        score: Math.max(...bare.map((face) => face.score)),
        box: bare.map((face) => face.box).reduce(unionBox),
        detections: bare.toSorted((a, b) => b.score - a.score).slice(0, 20),
        measured: { count: bare.length, lastedMs: Math.round(sight.nowMs - sinceMs) },
        ...because('no_mask', { count: bare.length }),
      }
    },
    reset: hold.reset,
  }
}

const isSame = (a: Detection, b: Detection) => iou(a.box, b.box) >= SAME_FACE_IOU
