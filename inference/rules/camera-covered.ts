import { type Because, because } from '../../core/attention.ts'
import type { BuiltRuleOf } from '../../core/config/rule.ts'
import type { Box } from '../../core/geometry.ts'
import { type Detail, measureDetail } from '../pixels/detail.ts'
import { createHold } from './hold.ts'
import { type Finding, type PictureRule, type RuleContext, ruleBase } from './rule.ts'

const FOR_MS = 10_000
/** Fewer cells with detail than this: nothing can be made out, whatever was there before. */
const BLIND = 0.02
/** Of the cells that the scene usually has, so few are left: something is in front of the lens. */
const LEFT = 0.2
/** The usual is learned this slowly, so that fog that rises over minutes is weather and a hand is not. */
const LEARN_MS = 300_000
const WHOLE: Box = [0, 0, 1, 1]

/**
 * `camera_covered`: the picture lost its detail, or never had any. A camera that sees nothing guards nothing, so a
 * scene in total darkness is reported as well; the reason says which. A lamp that is switched off leaves edges, dim
 * ones, and is not reported while they can be made out.
 */
export function createCameraCovered(
  config: BuiltRuleOf<'camera_covered'>,
  context: RuleContext,
): PictureRule {
  const forMs = config.for ?? FOR_MS
  const hold = createHold({ forMs, windowMs: Math.max(forMs, 10_000), share: 0.8, least: 2 })
  let usual: number | null = null

  return {
    ...ruleBase(config, context, { clearMs: 5_000 }),
    type: 'camera_covered',
    over: 'pictures',
    version: 'camera_covered/1',
    thresholds: { blindCells: BLIND, shareLeft: LEFT, forMs },
    needs: { scanMs: null, changedFps: 0, suspectedFps: 0 },
    step({ picture, nowMs }): Finding {
      // Noise is known from the second picture of a scene on; a cut to a blank picture is just what is looked for here.
      if (picture.elapsedMs === 0)
        return { kind: 'unknown', reason: picture.restart ?? 'one picture is not enough' }
      const detail = measureDetail(picture.plane, picture.usable, picture.noise)
      const limit = Math.max(BLIND, LEFT * (usual ?? 0))
      const covered = detail.cells < limit
      if (!covered) {
        const learn = 1 - Math.exp(-picture.elapsedMs / LEARN_MS)
        usual = usual === null ? detail.cells : usual + learn * (detail.cells - usual)
      }
      const held = hold.step(covered, nowMs)
      if (!held || !covered)
        return { kind: 'absent', reason: `detail in ${percent(detail.cells)} of the picture` }
      return {
        kind: 'present',
        firm: held.firm,
        sinceMs: held.sinceMs,
        score: Math.max(0, Math.min(1, 1 - detail.cells / Math.max(limit, usual ?? limit))),
        box: WHOLE,
        detections: [],
        measured: measuredOf(detail, usual),
        ...reasonOf(detail),
      }
    },
    reset() {
      hold.reset()
      usual = null
    },
  }
}

const measuredOf = (detail: Detail, usual: number | null) => ({
  detailCells: round(detail.cells),
  usualCells: round(usual ?? 0),
  brightness: round(detail.brightness),
  sharpness: round(detail.sharpness),
  entropyBits: round(detail.entropy),
})

function reasonOf(detail: Detail): Because {
  const share = (detail.cells * 100).toFixed(1)
  if (detail.brightness >= 24) return because('blank', { share })
  return because('dark_picture', { brightness: Math.round(detail.brightness), share })
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`
const round = (value: number) => Math.round(value * 1000) / 1000
