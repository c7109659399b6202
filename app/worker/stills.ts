import sharp from 'sharp'
import type { CameraConfig } from '../../core/config/city.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { EventStill, HazardEvent, StoredPicture } from '../../core/event.ts'
import { pictureFaults } from '../../core/picture-fault.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { EvidenceSink, EvidenceSource, FullPicture, Masker } from '../../core/ports/evidence.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { EpochMs } from '../../core/units.ts'
import { blankPolygons } from '../../inference/masking/pixelate.ts'

/** A hazard must not wait for its picture: past this the event goes first, and its picture follows. */
const LIMIT_MS = 4_000
const ORIGINAL_QUALITY = 92

export interface StillMaker {
  /**
   * The still of an event that starts: masked, the original sealed; both durable when this resolves. Never throws.
   * One that takes too long is answered as failed, and `onLate` hears of it when it is there after all.
   */
  take(event: HazardEvent, camera: CameraConfig, onLate?: (still: EventStill) => void): Promise<EventStill>
}

export interface MadeStill {
  readonly masked: StoredPicture
  /** Null where nothing is masked: both would be the same. */
  readonly original: StoredPicture | null
  readonly capturedAt: EpochMs
  readonly method: string
}

/** The picture of a moment in full resolution, masked, its original sealed; both durable. Null: the ring does not hold it. */
export async function makeStill(
  { source, store, masker }: { source: EvidenceSource; store: EvidenceSink; masker: Masker },
  camera: CameraConfig,
  at: EpochMs,
  hazard: Parameters<Masker['still']>[2],
): Promise<MadeStill | null> {
  const picture = await source.still(camera.id, at)
  if (!picture) return null
  const { box, detections } = hazard
  const { jpeg, method } = await masker.still(picture, camera, { box, detections })
  const { width, height, capturedAt } = picture
  const keep = async (bytes: Uint8Array): Promise<StoredPicture> => {
    const stored = await store.put(bytes)
    return { ...stored, mediaType: 'image/jpeg', width, height }
  }
  const masked = await keep(jpeg)
  const original = typeof camera.masking === 'string' ? await keep(await encode(picture, camera)) : null
  return { masked, original, capturedAt, method }
}

export function createStillMaker(deps: {
  readonly source: EvidenceSource
  readonly store: EvidenceSink
  readonly masker: Masker
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}): StillMaker {
  const { source, store, masker, clock, log, metrics } = deps

  const make = async (event: HazardEvent, camera: CameraConfig): Promise<EventStill> => {
    const still = await makeStill({ source, store, masker }, camera, event.startedAt, event)
    return still ?? { failed: pictureFaults.write('not_held') }
  }

  return {
    async take(event, camera, onLate) {
      const limit = new AbortController()
      const made = makeOrFail(event, camera)
      const late = clock.sleep(LIMIT_MS, limit.signal).then(
        () => null,
        () => null, // aborted: the picture came first
      )
      const still = await Promise.race([made, late])
      limit.abort()
      if (still) return still
      metrics.count('stills_late_total')
      log.warn({ camera: camera.id, event: event.id }, 'the still of an event comes later than the event')
      if (onLate) void made.then(onLate)
      return { failed: pictureFaults.write('late', { ms: LIMIT_MS }) }
    },
  }

  async function makeOrFail(event: HazardEvent, camera: CameraConfig): Promise<EventStill> {
    const started = clock.now()
    try {
      const still = await make(event, camera)
      if ('failed' in still) fail(camera.id, still.failed)
      else metrics.observe('still_seconds', {}, (clock.now() - started) / 1_000)
      return still
    } catch (thrown) {
      const { message } = toSharpEyesError(thrown)
      fail(camera.id, message)
      return { failed: message.slice(0, 300) }
    }
  }

  function fail(camera: string, reason: string): void {
    metrics.count('still_failures_total')
    log.warn({ camera, reason }, 'an event has no still')
  }
}

/** Unmasked, but what a privacy polygon covers is never stored. */
function encode({ rgb, width, height }: FullPicture, { privacy }: CameraConfig): Promise<Uint8Array> {
  const picture = { width, height, rgb: privacy.length === 0 ? rgb : Uint8Array.from(rgb) }
  blankPolygons(picture, privacy)
  return sharp(picture.rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: ORIGINAL_QUALITY })
    .toBuffer()
}
