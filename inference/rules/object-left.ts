import { because } from '../../core/attention.ts'
import { PERSON_LABELS, VEHICLE_LABELS } from '../../core/catalogue.ts'
import type { BuiltRuleOf } from '../../core/config/rule.ts'
import type { Track } from '../../core/frame.ts'
import { type Box, boxArea, intersectionArea, unionBox } from '../../core/geometry.ts'
import type { EpochMs } from '../../core/units.ts'
import { arrivalOf } from '../pixels/arrival.ts'
import { type Blob, type ComponentFinder, createComponentFinder } from '../pixels/components.ts'
import { fractionBox, type Mask, polygonMask } from '../pixels/mask.ts'
import { dilate, keepDense } from '../pixels/morphology.ts'
import type { Plane } from '../pixels/plane.ts'
import { createWarmUp, type WarmUp } from '../pixels/reference.ts'
import { createStanding, type Standing } from '../pixels/standing.ts'
import { type Finding, type PictureRule, type RuleContext, ruleBase, type Sight } from './rule.ts'

const FOR_MS = 30_000
const MIN_AREA = 0.0008
const MAX_AREA = 0.2
/** Share of the last seconds in which a pixel must have shown the thing. */
const STEADY = 0.6
/** More of the zone than this is never one thing: another scene, or the camera was turned. */
const ANOTHER_SCENE = 0.6
const ANOTHER_SCENE_MS = 3_000
/** Nothing that has stood for less is looked at closer. */
const STOOD_MS = 1_500
/** It asks for 2 pictures a second; of more it takes about as many. */
const EVERY_MS = 400
/** Without changes the model looks every 10 s at the least. */
const LOOKED_MS = 12_000
/** Persons and vehicles have rules of their own where a model tells them apart. */
const NOT_THINGS: readonly string[] = [...PERSON_LABELS, ...VEHICLE_LABELS]

interface Thing {
  readonly box: Box
  readonly sinceMs: number
  readonly steady: number
  readonly share: number
}

/**
 * `object_left`, without any model: something that was not there at the warm-up appeared, and looks the same for `for`.
 * What was there at the warm-up is background; when it leaves, its place becomes background.
 */
export function createObjectLeft(config: BuiltRuleOf<'object_left'>, context: RuleContext): PictureRule {
  const forMs = config.for ?? FOR_MS
  const [minArea, maxArea] = [config.minArea ?? MIN_AREA, config.maxArea ?? MAX_AREA]
  let zone: Mask | null = null
  let finder: ComponentFinder | null = null
  let buffers: readonly [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)]
  let warmUp: WarmUp = createWarmUp()
  let standing: Standing | null = null
  let anotherSinceMs: number | null = null
  let latest: { readonly atMs: number; readonly finding: Finding } | null = null
  /** A thing of an earlier worker: it is in the background that this one learned. */
  let inherited: { readonly box: Box; readonly since: EpochMs } | null = null

  const begin = () => {
    warmUp = createWarmUp()
    standing = null
    anotherSinceMs = null
    latest = null
  }

  const things = (
    { picture, nowMs, tracks }: Sight,
    memory: Standing,
    find: ComponentFinder,
  ): readonly Thing[] => {
    const { plane } = picture
    const size = plane.width * plane.height
    const [raw, clean] = buffers
    for (let i = 0; i < size; i++) {
      raw[i] =
        (memory.steady[i] as number) >= STEADY && nowMs - (memory.since[i] as number) >= STOOD_MS ? 1 : 0
    }
    keepDense(raw, plane.width, plane.height, 5, clean)
    // Torn pieces of one thing are found as one; only pixels that stand themselves are measured.
    const found: Thing[] = []
    for (const blob of find.find(dilate(clean, plane.width, plane.height, raw), minArea * size)) {
      const own = blob.pixels.filter((i) => clean[i] === 1)
      const share = own.length / size
      if (share < minArea || share > maxArea) continue
      const thing = thingOf(blob, own, memory, share, plane)
      if (inherited && intersectionArea(inherited.box, thing.box) >= 0.5 * boxArea(inherited.box)) {
        // The ground behind it: it was taken away.
        inherited = null
        memory.absorb(blob.pixels, layersOf(plane))
        continue
      }
      if (nowMs - thing.sinceMs >= forMs) {
        const arrival = arrivalOf(
          { ...blob, pixels: own },
          plane.data,
          memory.background[0] as Float32Array,
          plane.width,
          picture.noise,
        )
        if (arrival !== 'came') {
          memory.absorb(blob.pixels, layersOf(plane))
          continue
        }
      }
      if (!tracks.some((track) => explains(track, thing.box, nowMs))) found.push(thing)
    }
    return found
  }

  const judge = (
    sight: Sight,
    {
      memory,
      zone,
      find,
    }: { readonly memory: Standing; readonly zone: Mask; readonly find: ComponentFinder },
    elapsedMs: number,
  ): Finding => {
    const { picture, nowMs } = sight
    const { plane } = picture
    const different = memory.step(layersOf(plane), zone.data, picture.noise, nowMs, elapsedMs)
    if (different > ANOTHER_SCENE) {
      anotherSinceMs ??= nowMs
      if (nowMs - anotherSinceMs >= ANOTHER_SCENE_MS) {
        begin()
        inherited = null
        return { kind: 'void', reason: 'the background is learned anew: most of the zone looks different' }
      }
      return { kind: 'unknown', reason: 'most of the zone looks different' }
    }
    anotherSinceMs = null

    const found = things(sight, memory, find)
    const all = inherited ? [...found, inheritedThing(inherited, sight)] : found
    const due = all.filter((thing) => nowMs - thing.sinceMs >= forMs)
    const shown = due.length > 0 ? due : all
    if (shown.length === 0) return { kind: 'absent', reason: 'nothing new stands in the zone' }
    if (sight.open && due.length === 0) return { kind: 'absent', reason: 'what was left is gone' }
    const longest = shown.reduce((a, b) => (b.sinceMs < a.sinceMs ? b : a))
    const stillMs = Math.round(nowMs - longest.sinceMs)
    return {
      kind: 'present',
      firm: due.length > 0,
      sinceMs: longest.sinceMs,
      score: Math.min(1, longest.steady),
      box: shown.map((thing) => thing.box).reduce(unionBox),
      detections: [],
      measured: { count: shown.length, stillMs, area: round(shown.reduce((sum, t) => sum + t.share, 0)) },
      ...because('stands', { seconds: Math.round(stillMs / 1000) }),
    }
  }

  return {
    ...ruleBase(config, context, { clearMs: 5_000 }),
    type: 'object_left',
    over: 'pictures',
    version: 'object_left/1',
    thresholds: { minArea, maxArea, forMs, steadyShare: STEADY },
    needs: { scanMs: null, changedFps: 2, suspectedFps: 0 },
    step(sight): Finding {
      const { picture, nowMs } = sight
      const { plane } = picture
      if (!zone || zone.width !== plane.width || zone.height !== plane.height || !finder) {
        zone = polygonMask(context.polygon, plane, context.privacy)
        finder = createComponentFinder(plane.width, plane.height)
        buffers = [new Uint8Array(plane.data.length), new Uint8Array(plane.data.length)]
        begin()
      }
      if (picture.restart !== null) {
        begin()
        if (!picture.first) inherited = null
        warmUp.step(layersOf(plane), nowMs)
        if (picture.first) return { kind: 'unknown', ...because('first'), wantsFps: 2 }
        return { kind: 'void', reason: `the background is learned anew: ${picture.restart}` }
      }
      if (!standing) {
        const background = warmUp.step(layersOf(plane), nowMs)
        if (background) standing = createStanding(background)
        return { kind: 'unknown', ...because('ground'), wantsFps: 2 }
      }
      // Things stand for seconds: pictures that other rules asked for in between say nothing new.
      if (latest && nowMs - latest.atMs < EVERY_MS) return latest.finding
      const elapsedMs = latest ? nowMs - latest.atMs : picture.elapsedMs
      const finding = judge(sight, { memory: standing, zone, find: finder }, elapsedMs)
      latest = standing ? { atMs: nowMs, finding } : null
      return finding
    },
    adopt({ box, since }) {
      if (box) inherited = { box, since }
    },
    reset() {
      begin()
      inherited = null
    },
  }
}

function thingOf(
  blob: Blob,
  own: Int32Array,
  memory: Standing,
  share: number,
  size: { width: number; height: number },
): Thing {
  const times = Float64Array.from(own, (i) => memory.since[i] as number).sort()
  const steady = own.reduce((sum, i) => sum + (memory.steady[i] as number), 0) / own.length
  // The middle of its pixels: a few settle late (its shadow), a few early (the hand that put it down).
  return { box: fractionBox(blob, size), sinceMs: times[times.length >> 1] as number, steady, share }
}

const inheritedThing = (
  { box, since }: { readonly box: Box; readonly since: EpochMs },
  { nowMs, frame }: Sight,
): Thing => ({
  box,
  sinceMs: nowMs - (frame.capturedAt - since),
  steady: 1,
  share: boxArea(box),
})

/** A person or a vehicle that the model sees in this very place. */
const explains = (track: Track, box: Box, nowMs: number): boolean =>
  NOT_THINGS.includes(track.label) &&
  nowMs - track.lastSeenMs <= LOOKED_MS &&
  track.medianScore >= 0.4 &&
  intersectionArea(track.box, box) >= 0.5 * boxArea(box)

const layersOf = ({ data, cb, cr }: Plane) => [data, cb, cr]

const round = (value: number) => Math.round(value * 100_000) / 100_000
