import { because } from '../../core/attention.ts'
import type { BuiltRuleOf } from '../../core/config/rule.ts'
import type { Box } from '../../core/geometry.ts'
import { createSamenessMeter, SAME_LEVELS } from '../pixels/sameness.ts'
import { type Finding, type PictureRule, type RuleContext, ruleBase } from './rule.ts'

const FOR_MS = 30_000
/** Of `for`, so much must be one picture exactly; before it an encoder may still be settling on it. */
const EXACT = 1 / 3
/** A source that was never seen alive is called frozen only after so many times `for`, and only when it is live. */
const NEVER_ALIVE = 10
const LEAST_KEYS = 2
const WHOLE: Box = [0, 0, 1, 1]

/**
 * `camera_frozen`: time goes on and the picture does not. Every sensor makes noise, so two key frames of a working
 * camera are never the same, also where nothing happens. A drawn film without noise cannot be told from a frozen camera
 * by its pictures: therefore the source must have been alive before (noise or movement over half of the picture). A
 * live camera that never was is reported after ten times `for`; a film that never was is not reported.
 */
export function createCameraFrozen(config: BuiltRuleOf<'camera_frozen'>, context: RuleContext): PictureRule {
  const forMs = config.for ?? FOR_MS
  const meter = createSamenessMeter(context.privacy)

  return {
    ...ruleBase(config, context, { clearMs: 2_000 }),
    type: 'camera_frozen',
    over: 'pictures',
    version: 'camera_frozen/1',
    thresholds: { sameLevels: SAME_LEVELS, forMs },
    needs: { scanMs: null, changedFps: 0, suspectedFps: 0 },
    step({ frame, picture, nowMs }): Finding {
      // A played film that begins anew is not the same picture; a cut ends the run by itself.
      if (frame.discontinuity || picture.first) meter.reset()
      const same = meter.step(frame, nowMs)
      if (same.sinceMs === null) return { kind: 'absent', reason: 'the picture changes' }
      const stoodMs = nowMs - same.sinceMs
      // Where no key frame was among the pictures, only the full time of exactly one picture will do.
      const exact = same.strictMs >= (same.keys >= LEAST_KEYS ? forMs * EXACT : forMs)
      const neverAlive = frame.clock.kind !== 'media' && same.strictMs >= forMs * NEVER_ALIVE
      return {
        kind: 'present',
        firm: same.pictures >= 3 && (same.alive ? exact && stoodMs >= forMs : neverAlive),
        sinceMs: same.sinceMs,
        score: Math.max(0, 1 - same.difference / (2 * SAME_LEVELS)),
        box: WHOLE,
        detections: [],
        measured: {
          frozenMs: Math.round(stoodMs),
          exactMs: Math.round(same.strictMs),
          differenceLevels: Math.round(same.difference * 1000) / 1000,
          pictures: same.pictures,
        },
        ...because('same', { seconds: Math.round(stoodMs / 1000) }),
      }
    },
    reset: () => meter.reset(),
  }
}
