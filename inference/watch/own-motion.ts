import { PERSON_LABELS, VEHICLE_LABELS } from '../../core/catalogue.ts'
import type { Detection } from '../../core/frame.ts'
import { type Box, growBox, iou } from '../../core/geometry.ts'
import type { Picture } from '../pixels/scene.ts'
import { changedShare, shareInside } from '../rules/within.ts'

const VEHICLES: readonly string[] = VEHICLE_LABELS
const MOVERS: readonly string[] = [...PERSON_LABELS, ...VEHICLES]
/** A person is found by far more than this, where one walks; a doubtful one explains nothing away. */
const SURE = 0.3
/** What somebody uncovered differs for so long from what the background remembers. */
const REMEMBERED_MS = 10_000
/** A vehicle that is found at one place for so long, in so many of the looks, stands there: traffic that passes is found there now and then… */
const STANDS_MS = 3_000
const STANDS_SHARE = 0.7
/** …boxes that share so much are one place: those of a standing lorry share 0.8 and more from picture to picture… */
const SAME_PLACE = 0.7
/** …until it was not found there for so long. A picture or two without it are the smoke before it. */
const GONE_MS = 1_000
/** Bound of remembered places: twenty things that move, three pictures a second, for as long as is remembered. */
const MOST = 600
/** Shadows and blur. */
const MARGIN = 0.15

/** Says how much of a find stirs by itself, over the pictures of one camera. */
export interface OwnMotion {
  /** Takes what the model found in one picture. */
  see(found: readonly Detection[], nowMs: number): void
  /**
   * Share of the find's box that changed, 0..1. Smoke drifts over its whole box. Where the model calls a wall smoke and somebody walks
   * past it, what changes is the walker, and what the walker uncovers: places inside the box where persons or vehicles are, or
   * were within 10 s, do not count for smoke. A vehicle that stands moves nothing: what stirs before it may be its smoke. (A
   * person who stands still stirs.) (Fire burns on vehicles: for fire and all else they count.)
   */
  changed(find: Detection, picture: Picture): number
  reset(): void
}

export function createOwnMotion(): OwnMotion {
  let places: readonly Place[] = []
  /** When the model looked. */
  let looks: readonly number[] = []
  return {
    see(found, nowMs) {
      looks = [...looks.filter((atMs) => nowMs - atMs <= REMEMBERED_MS), nowMs].slice(-MOST)
      const now = found
        .filter(({ label, score }) => MOVERS.includes(label) && score >= SURE)
        .map(({ label, box }) => ({ box, atMs: nowMs, isVehicle: VEHICLES.includes(label) }))
      places = [...places.filter(({ atMs }) => nowMs - atMs <= REMEMBERED_MS), ...now].slice(-MOST)
    },
    changed(find, picture) {
      const share = changedShare(find.box, picture)
      if (find.label !== 'smoke' || share === 0) return share
      const [l, t, r, b] = find.box
      const outline = [
        [l, t],
        [r, t],
        [r, b],
        [l, b],
      ] as const
      const inside = places.filter(
        (place) => shareInside(place.box, outline) > 0 && !stands(place, places, looks),
      )
      return inside.length === 0
        ? share
        : changedShare(
            find.box,
            without(
              picture,
              inside.map(({ box }) => growBox(box, MARGIN)),
            ),
          )
    },
    reset() {
      places = []
      looks = []
    },
  }
}

interface Place {
  readonly box: Box
  readonly atMs: number
  readonly isVehicle: boolean
}

/** Whether a vehicle stands at the place now, and has for a while. */
function stands(place: Place, places: readonly Place[], looks: readonly number[]): boolean {
  if (!place.isVehicle) return false
  const same = places.filter(({ box, isVehicle }) => isVehicle && iou(box, place.box) >= SAME_PLACE)
  const times = new Set(same.map(({ atMs }) => atMs))
  const [first, last] = [Math.min(...times), Math.max(...times)]
  if (last - first < STANDS_MS || (looks.at(-1) ?? last) - last > GONE_MS) return false
  return times.size >= STANDS_SHARE * looks.filter((atMs) => atMs >= first && atMs <= last).length
}

/** The picture with these boxes taken as not usable. */
function without(picture: Picture, boxes: readonly Box[]): Picture {
  const { width, height } = picture.plane
  const data = picture.usable.data.slice()
  for (const [left, top, right, bottom] of boxes) {
    const [x0, x1] = [Math.max(0, Math.floor(left * width)), Math.min(width, Math.ceil(right * width))]
    const [y0, y1] = [Math.max(0, Math.floor(top * height)), Math.min(height, Math.ceil(bottom * height))]
    for (let y = y0; y < y1; y++) data.fill(0, y * width + x0, y * width + x1)
  }
  return { ...picture, usable: { ...picture.usable, data } }
}
