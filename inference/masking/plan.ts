import type { CameraConfig } from '../../core/config/city.ts'
import type { Detection } from '../../core/frame.ts'
import { type Box, clampBox, growBox } from '../../core/geometry.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import type { Picture } from './pixelate.ts'

/** Finds heads or persons in one picture, to mask them. Throws when it cannot: the whole frame is masked then. */
export interface PersonFinder {
  readonly labels: readonly string[]
  find(picture: Picture): Promise<readonly Detection[]>
}

/** What a picture needs. `method` is stored with it. */
export type MaskPlan =
  | { readonly kind: 'none'; readonly method: string }
  | { readonly kind: 'frame'; readonly method: string }
  | { readonly kind: 'heads'; readonly heads: readonly Box[]; readonly method: string }

const HEAD_LABELS = ['head', 'face', 'face_masked', 'face_bare', 'face_mask_incorrect']
const PERSON_LABEL = 'person'
/** A missed head cannot be taken back: doubtful boxes are masked too, and every box is grown. */
const MIN_SCORE = 0.2
const MARGIN = 0.25

/** How the camera's `masking` is met for this picture. Fails closed: without a finder, or when it fails, the frame. */
export async function planMask(
  picture: Picture,
  camera: Pick<CameraConfig, 'id' | 'masking'>,
  finder: PersonFinder | null,
  log: Log,
): Promise<MaskPlan> {
  if (typeof camera.masking === 'object') return { kind: 'none', method: 'none@1' }
  if (camera.masking === 'frame') return { kind: 'frame', method: 'frame@1' }
  const labels = finder?.labels ?? []
  const heads = HEAD_LABELS.some((label) => labels.includes(label))
  if (!finder || !(heads || labels.includes(PERSON_LABEL)))
    return { kind: 'frame', method: 'heads@1:frame,no-detector' }
  try {
    const found = (await finder.find(picture)).filter((d) => d.score >= MIN_SCORE)
    return {
      kind: 'heads',
      heads: headBoxes(found),
      method: heads ? 'heads@1:heads' : 'heads@1:upper-third-of-persons',
    }
  } catch (error) {
    log.warn(
      { camera: camera.id, error: error instanceof Error ? error.message : String(error) },
      'finding heads failed: the whole picture is masked',
    )
    return { kind: 'frame', method: 'heads@1:frame,detector-failed' }
  }
}

/** Detected heads, and of every person without one the upper third of the box; both with a margin. */
export function headBoxes(found: readonly Detection[]): readonly Box[] {
  const heads = found.filter((d) => HEAD_LABELS.includes(d.label)).map((d) => d.box)
  const persons = found
    .filter((d) => d.label === PERSON_LABEL)
    .map(({ box: [l, t, r, b] }): Box => [l, t, r, t + (b - t) / 3])
  return [...heads, ...persons].map((box) => clampBox(growBox(box, MARGIN)))
}
