import { because } from '../../core/attention.ts'
import type { BuiltRuleOf } from '../../core/config/rule.ts'
import { unionBox } from '../../core/geometry.ts'
import { type Blob, type ComponentFinder, createComponentFinder } from '../pixels/components.ts'
import { fractionBox, type Mask, polygonMask } from '../pixels/mask.ts'
import { keepDense } from '../pixels/morphology.ts'
import { createWarmUp, type WarmUp } from '../pixels/reference.ts'
import { createSky, type Sky } from '../pixels/sky.ts'
import { createHold } from './hold.ts'
import { type Finding, type PictureRule, type RuleContext, ruleBase } from './rule.ts'

const FOR_MS = 10_000
/** Ringelmann chart: number n is n · 20 % black (HJ/T 398-2007). */
const DARKNESS_OF_ONE = 0.2
/** Below this level of the sky (of 255) no darkness is told: night and dusk. */
const NIGHT = 60
/** Share of the sky of the zone that must be dark. */
const MIN_AREA = 0.01
const SHARE = 0.8
/** A plume stands on its chimney; what travels further than this share of the zone while it lasts is a cloud. */
const DRIFT = 0.04
/** Share of the last seconds in which a pixel must have been dark to be of the standing part: what drives or flies past is not. */
const STANDING = 0.5
const STANDING_MS = 5_000
/** Down to this share of the picture below a dark piece its chimney is looked for. */
const REACH = 0.04

/**
 * `plume`: something as dark as Ringelmann `darkness` against the sky of a drawn region, for `for`. What is dark from
 * the start counts as chimney until the sky was seen there. Clouds: slow darkening becomes sky, light of the whole
 * zone is removed, what drifts is left out. At night nothing is judged, and an open event ends.
 */
export function createPlume(config: BuiltRuleOf<'plume'>, context: RuleContext): PictureRule {
  const forMs = config.for ?? FOR_MS
  const limit = config.darkness * DARKNESS_OF_ONE
  const hold = createHold({ forMs, windowMs: Math.max(forMs, 10_000), share: SHARE, least: 3 })
  let zone: Mask | null = null
  let finder: ComponentFinder | null = null
  let warmUp: WarmUp = createWarmUp()
  let sky: Sky | null = null
  let path: { readonly atMs: number; readonly x: number }[] = []
  let dark = new Uint8Array(0)
  let raw = new Uint8Array(0)
  let lasting = new Float32Array(0)

  const begin = () => {
    lasting.fill(0)
    warmUp = createWarmUp()
    sky = null
    path = []
    hold.reset()
  }

  return {
    ...ruleBase(config, context, { clearMs: 30_000 }),
    type: 'plume',
    over: 'pictures',
    version: 'plume/1',
    thresholds: {
      ringelmann: config.darkness,
      darkness: round(limit),
      minArea: MIN_AREA,
      nightLevel: NIGHT,
      forMs,
    },
    needs: { scanMs: null, changedFps: 1, suspectedFps: 1 },
    step({ picture, nowMs, open }): Finding {
      const { plane } = picture
      if (!zone || zone.width !== plane.width || zone.height !== plane.height || !finder) {
        zone = polygonMask(context.polygon, plane, context.privacy)
        finder = createComponentFinder(plane.width, plane.height)
        dark = new Uint8Array(plane.data.length)
        raw = new Uint8Array(plane.data.length)
        lasting = new Float32Array(plane.data.length)
        begin()
      }
      if (picture.restart !== null) {
        begin()
        warmUp.step([plane.data], nowMs)
        if (picture.first) return { kind: 'unknown', ...because('first'), wantsFps: 2 }
        return { kind: 'void', reason: `the sky is learned anew: ${picture.restart}` }
      }
      if (!sky) {
        const background = warmUp.step([plane.data], nowMs)
        if (background?.[0]) sky = createSky(background[0], zone.data)
        dark.fill(0)
        return { kind: 'unknown', ...because('sky'), wantsFps: 2 }
      }
      sky.step(plane.data, dark, picture.elapsedMs)
      if (sky.brightness < NIGHT) {
        begin()
        return {
          kind: 'void',
          reason: `too dark to judge: the sky is at ${Math.round(sky?.brightness ?? 0)} of 255`,
        }
      }
      const enough = limit * (open ? 0.85 : 1)
      for (let i = 0; i < raw.length; i++) raw[i] = (sky.darkness[i] as number) >= enough ? 1 : 0
      keepDense(raw, plane.width, plane.height, 5, dark)
      const leastArea = Math.max(20, MIN_AREA * sky.judged)
      const remember = 1 - Math.exp(-picture.elapsedMs / STANDING_MS)
      let standing = 0
      for (let i = 0; i < dark.length; i++) {
        lasting[i] = (lasting[i] as number) + remember * ((dark[i] as number) - (lasting[i] as number))
        if (dark[i] === 1 && (lasting[i] as number) >= STANDING) standing++
      }
      // From its beginning on it is suspected; it must stand by the time it is firm.
      const blobs = finder.find(dark, leastArea)
      const area = blobs.reduce((sum, blob) => sum + blob.area, 0)
      if (blobs.length > 0) path = [...path, { atMs: nowMs, x: middleX(blobs, plane.width) }]
      path = path.filter((p) => p.atMs >= nowMs - Math.max(forMs, 10_000)).slice(-200)
      const anchored = blobs.some((blob) => standsOn(blob, sky?.structure ?? raw, plane))
      const held = hold.step(blobs.length > 0, nowMs)
      if (blobs.length === 0 || (!held && !open)) {
        dark.fill(0)
        return { kind: 'absent', reason: `nothing as dark as Ringelmann ${config.darkness} against the sky` }
      }
      const drifts = !anchored && drift(path) > DRIFT * widthOf(zone)
      if (drifts && !open) {
        dark.fill(0)
        return { kind: 'absent', reason: 'a dark piece drifts through the zone: a cloud' }
      }
      const darkness = medianDarkness(blobs, sky.darkness)
      const sinceMs = held?.sinceMs ?? nowMs
      return {
        kind: 'present',
        firm: (held?.firm ?? false) && standing >= leastArea / 2,
        sinceMs,
        score: Math.min(1, darkness),
        box: blobs.map((blob) => fractionBox(blob, plane)).reduce(unionBox),
        detections: [],
        measured: {
          darkness: round(darkness),
          ringelmann: round(darkness / DARKNESS_OF_ONE),
          area: round(area / Math.max(1, sky.judged)),
          skyLevel: round(sky.brightness),
          lastedMs: Math.round(nowMs - sinceMs),
        },
        ...because('dark', {
          darkness: (darkness / DARKNESS_OF_ONE).toFixed(1),
          share: ((area / Math.max(1, sky.judged)) * 100).toFixed(1),
        }),
      }
    },
    reset: begin,
  }
}

const middleX = (blobs: readonly Blob[], width: number): number => {
  let [sum, n] = [0, 0]
  for (const blob of blobs) for (const i of blob.pixels) [sum, n] = [sum + (i % width) / width, n + 1]
  return sum / n
}

/** How far the middle of the dark pixels went from the first third of the remembered time to the last. */
function drift(path: readonly { readonly x: number }[]): number {
  const third = Math.max(1, Math.floor(path.length / 3))
  const average = (points: readonly { readonly x: number }[]) =>
    points.reduce((s, p) => s + p.x, 0) / points.length
  return Math.abs(average(path.slice(-third)) - average(path.slice(0, third)))
}

/** Whether something that stands there (a chimney, a roof) is right below the piece. */
function standsOn(
  blob: Blob,
  structure: Uint8Array,
  size: { readonly width: number; readonly height: number },
): boolean {
  const reach = Math.max(2, Math.round(REACH * size.height))
  let touching = 0
  for (const i of blob.pixels) {
    if (Math.floor(i / size.width) < blob.bottom - reach) continue
    for (let down = 1; down <= reach; down++) {
      if (structure[i + down * size.width] !== 1) continue
      touching++
      break
    }
  }
  return touching >= 3
}

function widthOf(zone: Mask): number {
  let [left, right] = [zone.width, 0]
  zone.data.forEach((bit, i) => {
    if (bit === 0) return
    left = Math.min(left, i % zone.width)
    right = Math.max(right, i % zone.width)
  })
  return Math.max(0, right - left) / zone.width
}

function medianDarkness(blobs: readonly Blob[], darkness: Float32Array): number {
  const all = blobs
    .flatMap((blob) => Array.from(blob.pixels, (i) => darkness[i] as number))
    .sort((a, b) => a - b)
  return all[all.length >> 1] ?? 0
}

const round = (value: number) => Math.round(value * 1000) / 1000
