import { SharpEyesError } from '../../core/errors.ts'
import type { Detector } from '../../core/ports/detector.ts'
import type { PersonFinder } from '../../inference/masking/plan.ts'

/**
 * The site's model as the finder of heads and persons for masking, with the classes that the site does not use: a site without
 * masks to look for has faces. Without heads and persons it finds nobody, and the frame is masked.
 */
export function createPersonFinder(
  site: (Detector & { readonly unfiltered?: Detector }) | null,
): PersonFinder | null {
  if (!site) return null
  const detector = site.unfiltered ?? site
  let asked = 0
  return {
    labels: detector.labels,
    async find({ width, height, rgb }) {
      // A name of its own for each picture: the detector drops older frames of one camera, and none may be dropped here.
      const cameraId = `masking-${asked++}`
      const facts = {
        connection: 1,
        index: 0,
        mediaMs: 0,
        capturedAt: 0,
        key: true,
        discontinuity: false,
      } as const
      const found = await detector.detect({
        cameraId,
        ...facts,
        clock: { kind: 'media', errorMs: 0 },
        width,
        height,
        rgb,
      })
      if (!found) throw new SharpEyesError('model_failed', 'the picture to be masked was dropped')
      return found
    },
  }
}
