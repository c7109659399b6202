import type { Frame } from '../../core/frame.ts'

/** A picture at a small size: one byte a pixel and layer, rows top down. */
export interface Plane {
  readonly width: number
  readonly height: number
  /** Luma (BT.601). */
  readonly data: Uint8Array
  /** Chroma, 128 is grey: a brown box on grey asphalt may have the asphalt's very brightness. */
  readonly cb: Uint8Array
  readonly cr: Uint8Array
}

/** Width the plain image analysis works at: a bag at 10 m is still some 50 pixels, and a picture costs about 1 ms. */
const WIDTH = 320

const planeFactor = (width: number): number => Math.max(1, Math.round(width / WIDTH))

/**
 * RGB24 → luma and chroma at about 320 wide, each pixel the mean of a block, which also halves the sensor noise.
 * `into` is written when it has the right size, so that a camera's loop allocates nothing.
 */
export function shrink(frame: Pick<Frame, 'width' | 'height' | 'rgb'>, into?: Plane): Plane {
  const factor = planeFactor(frame.width)
  const width = Math.floor(frame.width / factor)
  const height = Math.max(1, Math.floor(frame.height / factor))
  const plane = into?.width === width && into.height === height ? into : emptyPlane(width, height)
  const { rgb } = frame
  const stride = frame.width * 3
  if (factor === 2) {
    halve(rgb, stride, plane)
    return plane
  }
  const pixels = factor * factor
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
      const luma = (0.299 * red + 0.587 * green + 0.114 * blue) / pixels
      plane.data[target] = luma + 0.5
      plane.cb[target] = 128.5 + 0.564 * (blue / pixels - luma)
      plane.cr[target++] = 128.5 + 0.713 * (red / pixels - luma)
    }
  }
  return plane
}

/**
 * The usual case, 640 → 320, in whole numbers (BT.601 coefficients times 256, of the sum of four pixels): 0.6 ms a
 * picture, at most one level off the exact value.
 */
function halve(rgb: Uint8Array, stride: number, { width, height, data, cb, cr }: Plane): void {
  let target = 0
  for (let y = 0; y < height; y++) {
    let a = y * 2 * stride
    let b = a + stride
    for (let x = 0; x < width; x++, a += 6, b += 6, target++) {
      const red = (rgb[a] as number) + (rgb[a + 3] as number) + (rgb[b] as number) + (rgb[b + 3] as number)
      const green =
        (rgb[a + 1] as number) + (rgb[a + 4] as number) + (rgb[b + 1] as number) + (rgb[b + 4] as number)
      const blue =
        (rgb[a + 2] as number) + (rgb[a + 5] as number) + (rgb[b + 2] as number) + (rgb[b + 5] as number)
      const luma = (77 * red + 150 * green + 29 * blue) >> 8 // of four pixels
      data[target] = (luma + 2) >> 2
      cb[target] = 128 + ((144 * (blue - luma) + 512) >> 10)
      cr[target] = 128 + ((183 * (red - luma) + 512) >> 10)
    }
  }
}

const emptyPlane = (width: number, height: number): Plane => ({
  width,
  height,
  data: new Uint8Array(width * height),
  cb: new Uint8Array(width * height),
  cr: new Uint8Array(width * height),
})
