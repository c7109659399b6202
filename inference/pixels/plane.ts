import type { Frame } from '../../core/frame.ts'

/** Brightness of a picture at a small size: one byte a pixel, rows top down. */
export interface Plane {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** Width the plain image analysis works at: a bag at 10 m is still some 50 pixels, and a picture costs about 1 ms. */
const WIDTH = 320

export const planeFactor = (width: number): number => Math.max(1, Math.round(width / WIDTH))

/**
 * RGB24 → luma (BT.601) at about 320 wide, each pixel the mean of a block, which also halves the sensor noise.
 * `into` is written when it has the right size, so that a camera's loop allocates nothing.
 */
export function lumaPlane(frame: Pick<Frame, 'width' | 'height' | 'rgb'>, into?: Plane): Plane {
  const factor = planeFactor(frame.width)
  const width = Math.floor(frame.width / factor)
  const height = Math.max(1, Math.floor(frame.height / factor))
  const plane =
    into?.width === width && into.height === height
      ? into
      : { width, height, data: new Uint8Array(width * height) }
  const { rgb } = frame
  const stride = frame.width * 3
  // 77 R + 150 G + 29 B over 256, divided by the number of pixels of a block, rounded.
  const divisor = 256 * factor * factor
  let target = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let red = 0
      let green = 0
      let blue = 0
      for (let dy = 0; dy < factor; dy++) {
        let at = (y * factor + dy) * stride + x * factor * 3
        for (const end = at + factor * 3; at < end; at += 3) {
          red += rgb[at] as number
          green += rgb[at + 1] as number
          blue += rgb[at + 2] as number
        }
      }
      plane.data[target++] = (77 * red + 150 * green + 29 * blue + (divisor >> 1)) / divisor
    }
  }
  return plane
}
