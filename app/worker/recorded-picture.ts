import sharp from 'sharp'
import type { Masker } from '../../core/ports/evidence.ts'
import type { MaskPicture } from '../../ingest/evidence/recordings.ts'

const JPEG_QUALITY = 75

/** Masked in full size, where the finder of people is at its best, then made small. */
export const maskAtWidth =
  (masker: Pick<Masker, 'still'>): MaskPicture =>
  async (picture, camera, width) => {
    const { jpeg } = await masker.still(picture, camera, { box: null, detections: [] })
    if (picture.width <= width) return jpeg
    return sharp(jpeg).resize({ width }).jpeg({ quality: JPEG_QUALITY }).toBuffer()
  }
