import type { Detection, Frame } from '../../core/frame.ts'
import { type Box, boxArea, boxCentre, clampBox } from '../../core/geometry.ts'
import { shareInside } from '../rules/within.ts'

/** What is looked at twice: what a wrong picture must not raise an alarm of, and a small beginning must not hide. */
const TWICE: readonly string[] = ['fire', 'smoke']
/** A region larger than this share of the picture would show the model hardly more than its first look. */
const LARGEST = 0.25
/** Room around the find, so that the model sees what it stands on: this many times its longer side. */
const ROOM = 2
/** No region is smaller than this share of the picture's shorter side: beyond it pixels are only blown up. */
const SMALLEST_SIDE = 0.4
/** A thing narrower than this share of the picture is some 20 of 416 pixels in the first look, too few to count on. */
const TOO_SMALL = 0.05

/** Whether rules of these types make the model look twice. */
export const asksTwice = (types: readonly string[]): boolean => types.some((type) => TWICE.includes(type))

export const isTwice = ({ label }: Detection) => TWICE.includes(label)
const area = boxArea

/**
 * The part of the picture that is worth a second look: round the surest find of fire or smoke, else where something moves. A
 * square in pixels, as the model's input is; null: nothing is, or it is so large that the first look saw as much.
 */
export function regionOfInterest(
  frame: Pick<Frame, 'width' | 'height'>,
  found: readonly Detection[],
  moving: Box | null,
): Box | null {
  const [surest] = found
    .filter((d) => isTwice(d) && area(d.box) <= LARGEST)
    .toSorted((a, b) => b.score - a.score)
  const box = surest?.box ?? moving
  return box && area(box) <= LARGEST ? squareRound(box, frame) : null
}

function squareRound(box: Box, { width, height }: Pick<Frame, 'width' | 'height'>): Box | null {
  const longer = Math.max((box[2] - box[0]) * width, (box[3] - box[1]) * height)
  const side = Math.max(ROOM * longer, SMALLEST_SIDE * Math.min(width, height))
  const [w, h] = [Math.min(1, side / width), Math.min(1, side / height)]
  if (w * h > 2 * LARGEST) return null
  const [x, y] = boxCentre(box)
  const left = Math.min(1 - w, Math.max(0, x - w / 2))
  const top = Math.min(1 - h, Math.max(0, y - h / 2))
  return [left, top, left + w, top + h]
}

/** The part of the picture round the surest of what a look at `place` found, for a look closer still. Null: it found nothing small. */
export const closerRegion = (
  frame: Pick<Frame, 'width' | 'height'>,
  found: readonly Detection[],
  place: Box,
): Box | null =>
  regionOfInterest(
    frame,
    found.map((find) => ({ ...find, box: inPicture(find.box, place) })),
    null,
  )

/** The region as a picture of its own, in the pixels that were decoded. `place` is the region in whole pixels, as shares. */
export function cutFrame(frame: Frame, [l, t, r, b]: Box): { readonly cut: Frame; readonly place: Box } {
  const { width, height, rgb } = frame
  const [left, top] = [Math.floor(l * width), Math.floor(t * height)]
  const [w, h] = [Math.min(width, Math.ceil(r * width)) - left, Math.min(height, Math.ceil(b * height)) - top]
  const part = new Uint8Array(w * h * 3)
  for (let y = 0; y < h; y++) {
    const from = ((top + y) * width + left) * 3
    part.set(rgb.subarray(from, from + w * 3), y * w * 3)
  }
  return {
    // A name of its own: the detector drops older frames of one camera, and the first look may still be in line.
    cut: { ...frame, cameraId: `${frame.cameraId} (second look)`, width: w, height: h, rgb: part },
    place: [left / width, top / height, (left + w) / width, (top + h) / height],
  }
}

/**
 * Both looks together. What the first could see well is as sure as the mean of both: a find that the closer look does not bear out
 * loses half its score. What was too small for the first counts as the second says. Other classes stay as they were.
 */
export function mergeLooks(
  first: readonly Detection[],
  second: readonly Detection[],
  place: Box,
): readonly Detection[] {
  const closer = second.filter(isTwice).map((d) => ({ ...d, box: inPicture(d.box, place) }))
  const weighed = first.map((d) => {
    if (!isTwice(d) || area(d.box) > LARGEST || shareInBox(d.box, place) < 0.8) return d
    const seen = Math.max(
      0,
      ...closer.filter((c) => c.label === d.label && touches(c.box, d.box)).map((c) => c.score),
    )
    return { ...d, score: isSmall(d.box) ? Math.max(seen, d.score / 2) : (d.score + seen) / 2 }
  })
  const added = closer.filter((c) => !first.some((d) => d.label === c.label && touches(c.box, d.box)))
  const fresh = added.map((c) => (isSmall(c.box) ? c : { ...c, score: c.score / 2 }))
  return [...weighed, ...fresh].toSorted((a, b) => b.score - a.score)
}

const isSmall = ([l, t, r, b]: Box) => Math.min(r - l, b - t) < TOO_SMALL

const touches = (a: Box, b: Box): boolean => shareInBox(a, b) >= 0.3 || shareInBox(b, a) >= 0.3

const shareInBox = (box: Box, [l, t, r, b]: Box): number =>
  shareInside(box, [
    [l, t],
    [r, t],
    [r, b],
    [l, b],
  ])

const inPicture = ([l, t, r, b]: Box, [left, top, right, bottom]: Box): Box =>
  clampBox([
    left + l * (right - left),
    top + t * (bottom - top),
    left + r * (right - left),
    top + b * (bottom - top),
  ])
