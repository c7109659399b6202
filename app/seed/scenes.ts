import sharp from 'sharp'
import type { FullPicture } from '../../core/ports/evidence.ts'
import { blend, drawSprite } from '../../ingest/samples/canvas.ts'
import { SAMPLE_SCENES, type SampleId } from '../../ingest/samples/film.ts'
import type { Scene } from '../../ingest/samples/scene.ts'

/** Things that the films of the sample cameras do not show. A worker is a figure, nobody's likeness. */
const THINGS = {
  flame: `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="110"><path d="M45 4 C58 34 82 48 80 78 C78 100 60 108 45 108 C28 108 10 98 10 76 C10 56 26 50 30 28 C38 40 40 24 45 4Z" fill="#e2571c"/><path d="M46 46 C54 64 66 70 64 88 C62 100 54 104 45 104 C34 104 26 98 27 86 C28 74 40 66 46 46Z" fill="#ffc23d"/></svg>`,
  van: `<svg xmlns="http://www.w3.org/2000/svg" width="230" height="120"><path d="M6 18 H158 L214 58 V96 H6Z" fill="#e9ebec"/><path d="M160 26 L204 58 H160Z" fill="#4f6373"/><path d="M6 66 H158" stroke="#2f6f9f" stroke-width="8"/><g fill="#1c1d1f"><circle cx="52" cy="98" r="19"/><circle cx="172" cy="98" r="19"/></g><g fill="#8b9094"><circle cx="52" cy="98" r="8"/><circle cx="172" cy="98" r="8"/></g></svg>`,
  worker: `<svg xmlns="http://www.w3.org/2000/svg" width="110" height="250"><circle cx="55" cy="36" r="24" fill="#b98a63"/><path d="M31 30 Q55 -8 79 30Z" fill="#f4f4f1"/><path d="M18 74 Q55 54 92 74 L98 178 H12Z" fill="#f0f1ee"/><path d="M30 178 H52 V246 H28Z M58 178 H80 L82 246 H58Z" fill="#3b4754"/><path d="M32 92 H78 V150 H32Z" fill="#d9ded9"/></svg>`,
  cloth: `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="540"><defs><linearGradient id="c" x2="1" y2="1"><stop offset="0" stop-color="#2b2a2d"/><stop offset="1" stop-color="#1b1a1d"/></linearGradient></defs><rect width="960" height="540" fill="url(#c)"/></svg>`,
} as const

export interface SceneMoment {
  readonly camera: SampleId
  /** Second of the camera's film. */
  readonly second: number
  readonly thing?: { readonly kind: keyof typeof THINGS; readonly at: readonly [x: number, y: number] }
}

const scenes = new Map<SampleId, Promise<Scene>>()

/** One picture of a sample camera, with a thing in it, as its ring would give it. */
export async function drawMoment(moment: SceneMoment, capturedAt: number): Promise<FullPicture> {
  const known = scenes.get(moment.camera) ?? SAMPLE_SCENES[moment.camera]()
  scenes.set(moment.camera, known)
  const scene = await known
  const canvas = scene.ground(0)
  scene.draw(canvas, moment.second)
  if (moment.thing) {
    const [x, y] = moment.thing.at
    blend(canvas, await drawSprite(THINGS[moment.thing.kind]), x, y)
  }
  return { width: canvas.width, height: canvas.height, rgb: canvas.rgb, capturedAt }
}

/** A picture as somebody's phone would send it; who verifies stands nearer, at `share` of the width and height. */
export const photoOf = ({ rgb, width, height }: FullPicture, share: number): Promise<Uint8Array> =>
  sharp(rgb, { raw: { width, height, channels: 3 } })
    .extract({
      left: Math.round((width * (1 - share)) / 2),
      top: Math.round((height * (1 - share)) / 2),
      width: Math.round(width * share),
      height: Math.round(height * share),
    })
    .jpeg({ quality: 88 })
    .toBuffer()
