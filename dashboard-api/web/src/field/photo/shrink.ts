import { type PhotoOrigin, readOrigin } from './exif.ts'
import { fitted } from './fit.ts'

const QUALITY = 0.85
/** The block that says when and where is at the very beginning, and has at most 64 KB. */
const EXIF_BYTES = 256 * 1024

export interface ShrunkPhoto extends PhotoOrigin {
  readonly name: string
  readonly blob: Blob
}

/** A picture as it will be sent: upright, at most 1920 px, as JPEG; when and where are kept beside it. Rejects for no picture. */
export async function shrinkPhoto(file: File): Promise<ShrunkPhoto> {
  const origin = readOrigin(await file.slice(0, EXIF_BYTES).arrayBuffer())
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  try {
    const { width, height } = fitted(picture.width, picture.height)
    const canvas = document.createElement('canvas')
    canvas.width = width
    canvas.height = height
    const context = canvas.getContext('2d')
    if (!context) throw new Error('this browser gives no canvas')
    context.drawImage(picture, 0, 0, width, height)
    const blob = await new Promise<Blob | null>((resolve) => {
      canvas.toBlob(resolve, 'image/jpeg', QUALITY)
    })
    if (!blob) throw new Error('the picture could not be written')
    return { ...origin, blob, name: jpegName(file.name) }
  } finally {
    picture.close()
  }
}

const jpegName = (name: string): string => `${name.replace(/\.[^.]*$/, '').slice(0, 80) || 'photo'}.jpg`
