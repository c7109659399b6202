import { because } from '../../core/attention.ts'
import type { BuiltRuleOf } from '../../core/config/rule.ts'
import { type ComponentFinder, createComponentFinder } from '../pixels/components.ts'
import { fitIllumination } from '../pixels/illumination.ts'
import { fractionBox, type Mask, polygonMask } from '../pixels/mask.ts'
import { dilate, keepDense } from '../pixels/morphology.ts'
import { createHold } from './hold.ts'
import { type Finding, type PictureRule, type RuleContext, ruleBase } from './rule.ts'

const FOR_MS = 3_000
const MIN_AREA = 0.004
/** The camera sets its exposure after a lamp was switched. */
const SETTLE_MS = 3_000
/** Pictures are compared over at least this time, so that slow movement is seen at any picture rate. */
const APART_MS = 400
const SHARE = 0.6

/** `after_hours_motion`: something moves, and goes on moving, in the zone in the closed hours. A lamp alone is no motion. */
export function createAfterHoursMotion(
  config: BuiltRuleOf<'after_hours_motion'>,
  context: RuleContext,
): PictureRule {
  const forMs = config.for ?? FOR_MS
  const minArea = config.minArea ?? MIN_AREA
  const hold = createHold({ forMs, windowMs: Math.max(2 * forMs, 6_000), share: SHARE, least: 3 })
  let zone: Mask | null = null
  let finder: ComponentFinder | null = null
  let earlier: { readonly data: Uint8Array; readonly atMs: number } | null = null
  let settledAt = 0
  let last: Finding = NOTHING_YET
  let buffers: readonly [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)]

  return {
    ...ruleBase(config, context, { clearMs: 30_000 }),
    type: 'after_hours_motion',
    over: 'pictures',
    version: 'after_hours_motion/1',
    thresholds: { minArea, forMs, share: SHARE },
    needs: { scanMs: null, changedFps: 4, suspectedFps: 4 },
    step({ picture, nowMs, open }): Finding {
      const { plane } = picture
      if (!zone || zone.width !== plane.width || zone.height !== plane.height || !finder) {
        zone = polygonMask(context.polygon, plane, context.privacy)
        finder = createComponentFinder(plane.width, plane.height)
        buffers = [new Uint8Array(plane.data.length), new Uint8Array(plane.data.length)]
        earlier = null
      }
      if (picture.restart !== null || picture.lightStep) {
        earlier = { data: plane.data.slice(), atMs: nowMs }
        settledAt = nowMs + SETTLE_MS
        return { kind: 'unknown', reason: picture.restart ?? 'the light changed' }
      }
      if (!earlier) earlier = { data: plane.data.slice(), atMs: nowMs }
      if (nowMs - earlier.atMs < APART_MS) return last

      const [raw, clean] = buffers
      const threshold = Math.max(10, 7 * picture.noise)
      const light = fitIllumination(plane.data, earlier.data, picture.usable.data, threshold)
      for (let i = 0; i < raw.length; i++) {
        const expected = light.gain * (earlier.data[i] as number) + light.offset
        raw[i] = zone.data[i] === 1 && Math.abs((plane.data[i] as number) - expected) > threshold ? 1 : 0
      }
      earlier.data.set(plane.data)
      earlier = { data: earlier.data, atMs: nowMs }
      // Dense pixels only, then grown, so that the two edges of a moving thing are one piece.
      keepDense(raw, plane.width, plane.height, 5, clean)
      const moving = clean.reduce((sum, bit) => sum + bit, 0)
      if (nowMs < settledAt) return { kind: 'unknown', reason: 'the light is settling' }

      const share = zone.area === 0 ? 0 : moving / zone.area
      const moves = share >= (open ? minArea / 2 : minArea)
      const held = hold.step(moves, nowMs)
      if (!moves || (!held && !open)) {
        last = { kind: 'absent', reason: `${percent(share)} of the zone moves, limit ${percent(minArea)}` }
        return last
      }
      const largest = finder.find(dilate(clean, plane.width, plane.height, raw), 1)[0]
      const sinceMs = held?.sinceMs ?? nowMs
      last = {
        kind: 'present',
        firm: held?.firm ?? false,
        sinceMs,
        score: held?.share ?? 0,
        box: largest ? fractionBox(largest, plane) : null,
        detections: [],
        measured: { movingShare: round(share), lastedMs: Math.round(nowMs - sinceMs) },
        ...because('moves', { share: (share * 100).toFixed(2) }),
      }
      return last
    },
    reset() {
      hold.reset()
      earlier = null
      last = NOTHING_YET
    },
  }
}

const NOTHING_YET: Finding = { kind: 'unknown', reason: 'one picture alone shows no motion' }

const percent = (share: number) => `${(share * 100).toFixed(2)} %`
const round = (value: number) => Math.round(value * 10_000) / 10_000
