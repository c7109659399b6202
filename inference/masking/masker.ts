import sharp from 'sharp'
import type { Masker } from '../../core/ports/evidence.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { applyMask } from './apply.ts'
import { maskClip } from './clip.ts'
import { blankPolygons, type Picture } from './pixelate.ts'
import { type PersonFinder, planMask } from './plan.ts'

const JPEG_QUALITY = 85

export function createMasker(deps: {
  finder: PersonFinder | null
  mediaTools: MediaTools
  log: Log
}): Masker {
  const { finder, log } = deps
  return {
    async still(full, camera, hazard) {
      // A copy, as `slice` of a Buffer is none: what is masked here must not be masked in the sealed original.
      const picture: Picture = { width: full.width, height: full.height, rgb: Uint8Array.from(full.rgb) }
      const plan = await planMask(picture, camera, finder, log)
      blankPolygons(picture, camera.privacy)
      applyMask(picture, plan, hazard.box)
      const jpeg = await sharp(picture.rgb, { raw: { width: full.width, height: full.height, channels: 3 } })
        .jpeg({ quality: JPEG_QUALITY })
        .toBuffer()
      return { jpeg, method: plan.method }
    },
    clip: (request) => maskClip(request, deps),
  }
}
