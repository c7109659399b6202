import { copyFile, mkdir, rename, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Polygon } from '../../core/geometry.ts'
import { createComponentFinder } from '../../inference/pixels/components.ts'
import { assets } from '../support/assets.ts'
import { createCanvas } from './drawn.ts'
import { decodePictures, encodeFilm } from './encode.ts'

export interface StandingCarFilm {
  /** The ground that the thing stands on, fractions of the picture. */
  readonly zone: Polygon
  readonly standsFromS: number
  readonly standsToS: number
  readonly seconds: number
  /** `lane_blocked` with the assets (needs a model that knows cars), else `object_left` in a scene of our own. */
  readonly rule: 'lane_blocked' | 'object_left'
}

const FPS = 25
const SECONDS = 70
const FROM = 6
const TO = 46
const VERSION = 1

/**
 * The film of the end-to-end test, 70 s of H.264, 25 fps, GOP 2 s, no B-frames, sensor noise: from 6 s to 46 s a car
 * stands in a drawn zone. It is cut from `street-vehicles.mp4` of the assets, where it drives from far to near, and
 * pasted onto the empty road of the same clip. Made once, kept in the temporary folder.
 */
export async function makeStandingCarFilm(path: string): Promise<StandingCarFilm> {
  const rule = assets.present ? 'lane_blocked' : 'object_left'
  const folder = join(tmpdir(), 'sharp-eyes-test-films')
  await mkdir(folder, { recursive: true })
  const kept = join(folder, `standing-${rule}-${VERSION}.mp4`)
  const made = await stat(kept).catch(() => null)
  if (!made) {
    const unfinished = join(folder, `${process.pid}-standing-${rule}.mp4`)
    await (rule === 'lane_blocked' ? encodeCar(unfinished) : encodeBox(unfinished))
    await rename(unfinished, kept)
  }
  await copyFile(kept, path)
  const zone = rule === 'lane_blocked' ? ROAD : PAVEMENT
  return { zone, standsFromS: FROM, standsToS: TO, seconds: SECONDS, rule }
}

const ROAD: Polygon = [
  [0.36, 0.5],
  [0.6, 0.5],
  [0.85, 0.95],
  [0.5, 0.95],
]

// ---- the car of the clip ----

const WIDTH = 640
const HEIGHT = 352
const CLIP_FPS = 24.041
/** In the clip a red car comes from the crossing at 0.55 s, is well in view at 1.29 s and has left at 2.1 s. */
const COMES = 0.55
const STANDS = 1.29
const GONE = 2.1

async function encodeCar(path: string): Promise<void> {
  const clip = await decodePictures(assets.clip('street-vehicles.mp4'), { size: [WIDTH, HEIGHT] })
  const road = emptyRoad(clip)
  const at = (s: number) => clip[Math.round(s * CLIP_FPS)] as Uint8Array
  const drawn = new Map<Uint8Array, Uint8Array>()
  const withCar = (picture: Uint8Array): Uint8Array => {
    const known = drawn.get(picture) ?? pasteCar(picture, road)
    drawn.set(picture, known)
    return known
  }
  await encodeFilm({
    path,
    width: WIDTH,
    height: HEIGHT,
    outWidth: WIDTH * 2,
    fps: FPS,
    seconds: SECONDS,
    noise: 8,
    picture(s) {
      // It slows down and stands, and later drives on at half the speed of the clip.
      const left = FROM - s
      if (left > 3) return road
      if (left > 0) return withCar(at(STANDS - (STANDS - COMES) * (left / 3) ** 2))
      if (s < TO) return withCar(at(STANDS))
      const gone = STANDS + (s - TO) / 2
      return gone < GONE ? withCar(at(gone)) : road
    },
  })
}

/** The road without what drives on it: the median of two pictures a second. */
function emptyRoad(clip: readonly Uint8Array[]): Uint8Array {
  const some = clip.filter((_, n) => n % 12 === 0)
  const middle = some.length >> 1
  const levels = new Uint8Array(some.length)
  return Uint8Array.from(clip[0] as Uint8Array, (_, i) => {
    some.forEach((picture, n) => {
      levels[n] = picture[i] as number
    })
    return levels.sort()[middle] as number
  })
}

/** The largest thing on the road that is not the road, with a soft rim, onto the empty road. */
function pasteCar(picture: Uint8Array, road: Uint8Array): Uint8Array {
  const differs = new Uint8Array(WIDTH * HEIGHT)
  for (let y = Math.round(HEIGHT * 0.36); y < HEIGHT; y++) {
    for (let x = Math.round(WIDTH * 0.34); x < WIDTH; x++) {
      const i = (y * WIDTH + x) * 3
      const away = [0, 1, 2].reduce(
        (sum, c) => sum + Math.abs((picture[i + c] as number) - (road[i + c] as number)),
        0,
      )
      if (away > 90) differs[y * WIDTH + x] = 1
    }
  }
  const [car] = createComponentFinder(WIDTH, HEIGHT).find(differs, 200)
  const film = road.slice()
  if (!car) return film
  const rim = 8
  for (let y = Math.max(0, car.top - rim); y <= Math.min(HEIGHT - 1, car.bottom + rim); y++) {
    for (let x = Math.max(0, car.left - rim); x <= Math.min(WIDTH - 1, car.right + rim); x++) {
      const outside = Math.max(car.left - x, x - car.right, car.top - y, y - car.bottom, 0)
      const share = 1 - outside / (rim + 1)
      for (let c = 0; c < 3; c++) {
        const i = (y * WIDTH + x) * 3 + c
        film[i] = (road[i] as number) * (1 - share) + (picture[i] as number) * share
      }
    }
  }
  return film
}

// ---- a scene of our own ----

const PAVEMENT: Polygon = [
  [0.3, 0.5],
  [0.7, 0.5],
  [0.7, 0.95],
  [0.3, 0.95],
]

async function encodeBox(path: string): Promise<void> {
  const scene = (s: number): Uint8Array => {
    const canvas = createCanvas(WIDTH, 360)
    canvas.fill([0, 0, 1, 0.35], [170, 180, 190])
    canvas.fill([0, 0.35, 1, 1], [105, 105, 100])
    canvas.texture([0, 0.35, 1, 1], 14, 8, 7)
    // Somebody brings a box and later takes it away.
    for (const [from, to] of [
      [FROM - 3, FROM + 3],
      [TO - 3, TO + 3],
    ] as const) {
      const x = 0.5 + (s - (from + to) / 2) * 0.2
      if (s < from || s > to) continue
      canvas.fill([x - 0.03, 0.42, x + 0.03, 0.85], [40, 40, 60])
      canvas.fill([x - 0.015, 0.35, x + 0.015, 0.42], [190, 150, 130])
    }
    if (s >= FROM && s < TO) canvas.fill([0.46, 0.7, 0.54, 0.85], [150, 95, 40])
    return canvas.rgb
  }
  const empty = scene(0)
  const left = scene((FROM + TO) / 2)
  await encodeFilm({
    path,
    width: WIDTH,
    height: 360,
    outWidth: WIDTH * 2,
    fps: FPS,
    seconds: SECONDS,
    noise: 8,
    picture(s) {
      const nobody = Math.abs(s - FROM) > 3 && Math.abs(s - TO) > 3
      return nobody ? (s > FROM && s < TO ? left : empty) : scene(s)
    },
  })
}
