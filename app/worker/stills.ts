import sharp from 'sharp'
import type { CameraConfig } from '../../core/config/city.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { EventStill, HazardEvent, StoredPicture } from '../../core/event.ts'
import type {
  Clock,
  EvidenceSource,
  EvidenceStore,
  FullPicture,
  Log,
  Masker,
  Metrics,
} from '../../core/ports.ts'

/** A hazard must not wait for its picture: past this the event goes without one and says so. */
const LIMIT_MS = 4_000
const ORIGINAL_QUALITY = 92

export interface StillMaker {
  /** The still of an event that starts: masked, the original sealed; both durable when this resolves. Never throws. */
  take(event: HazardEvent, camera: CameraConfig): Promise<EventStill>
}

export function createStillMaker(deps: {
  readonly source: EvidenceSource
  readonly store: EvidenceStore
  readonly masker: Masker
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}): StillMaker {
  const { source, store, masker, clock, log, metrics } = deps

  const make = async (event: HazardEvent, camera: CameraConfig): Promise<EventStill> => {
    const picture = await source.still(camera.id, event.startedAt)
    if (!picture) return { failed: 'the ring does not hold the picture' }
    const { jpeg, method } = await masker.still(picture, camera, {
      box: event.box,
      detections: event.detections,
    })
    const masked = await keep(jpeg, picture)
    // Where nothing is masked both would be the same; what a privacy polygon covers is never stored.
    const sealed = typeof camera.masking === 'string' && camera.privacy.length === 0
    const original = sealed ? await keep(await encode(picture), picture) : null
    return { masked, original, capturedAt: picture.capturedAt, method }
  }
  const keep = async (jpeg: Uint8Array, { width, height }: FullPicture): Promise<StoredPicture> => ({
    ...(await store.put(jpeg)),
    mediaType: 'image/jpeg',
    width,
    height,
  })

  return {
    async take(event, camera) {
      const started = clock.now()
      const limit = new AbortController()
      try {
        const late = clock
          .sleep(LIMIT_MS, limit.signal)
          .then(() => ({ failed: `it took longer than ${LIMIT_MS} ms` }))
        const still = await Promise.race([make(event, camera), late])
        if ('failed' in still) fail(camera.id, still.failed)
        else metrics.observe('still_seconds', {}, (clock.now() - started) / 1_000)
        return still
      } catch (thrown) {
        const { message } = toSharpEyesError(thrown)
        fail(camera.id, message)
        return { failed: message.slice(0, 300) }
      } finally {
        limit.abort()
      }
    },
  }

  function fail(camera: string, reason: string): void {
    metrics.count('still_failures_total')
    log.warn({ camera, reason }, 'an event has no still')
  }
}

const encode = ({ rgb, width, height }: FullPicture): Promise<Uint8Array> =>
  sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: ORIGINAL_QUALITY })
    .toBuffer()
