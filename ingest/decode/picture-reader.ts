import type { Readable } from 'node:stream'

/** Cuts a stream of raw pictures of one size. Chunks are copied once, into the buffer that the receiver then owns. */
export interface PictureReader {
  /** Gives an unwanted picture's buffer back for the next one. */
  reuse(rgb: Uint8Array): void
}

export function readPictures(
  stream: Readable,
  bytes: number,
  onPicture: (rgb: Uint8Array) => void,
): PictureReader {
  let spare: Uint8Array | null = null
  let picture: Uint8Array | null = null
  let filled = 0
  stream.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      picture ??= spare ?? Buffer.allocUnsafeSlow(bytes)
      spare = null
      const part = Math.min(chunk.length - at, bytes - filled)
      picture.set(chunk.subarray(at, at + part), filled)
      filled += part
      at += part
      if (filled < bytes) continue
      const full = picture
      picture = null
      filled = 0
      onPicture(full)
    }
  })
  return {
    reuse(rgb) {
      spare = rgb
    },
  }
}
