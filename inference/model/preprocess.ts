import type { InputSpec } from '../family/family.ts'
import { inputFor, type Placement, placePicture } from './placement.ts'

/** RGB24, rows top down. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/** The model's input for one picture. */
export interface Prepared {
  readonly data: Float32Array
  /** Of `data`, in pixels: the size of the input, or less where its padding is cut off. */
  readonly width: number
  readonly height: number
  readonly placement: Placement
}

/**
 * Picture → planes of float32 (NCHW) in the model's size, order and range: bilinear with pixel centres aligned, as
 * OpenCV's INTER_LINEAR, which the families here were trained with. The returned array is reused by the next call.
 */
export function createPreprocess(input: InputSpec): (picture: Picture) => Prepared {
  const whole = new Float32Array(3 * input.width * input.height)
  let geometry: Geometry | null = null

  return (picture) => {
    if (geometry?.sourceWidth !== picture.width || geometry.sourceHeight !== picture.height) {
      geometry = planGeometry(picture, input)
      const plane = geometry.width * geometry.height
      const pad = input.resize.kind === 'letterbox' ? input.resize.pad : 0
      for (const { offset, gain, shift } of Object.values(geometry.planes))
        whole.fill(pad * gain + shift, offset, offset + plane)
    }
    const { width, height, placement } = geometry
    const data = whole.subarray(0, 3 * width * height)
    resample(picture.rgb, geometry, data)
    return { data, width, height, placement }
  }
}

/** Where a colour goes in the result; its value becomes value × gain + shift. */
interface Plane {
  readonly offset: number
  readonly gain: number
  readonly shift: number
}

function toPlane(input: InputSpec, size: number, colour: 'R' | 'G' | 'B'): Plane {
  const p = input.order.indexOf(colour)
  const std = input.std[p] as number
  return {
    offset: p * size,
    gain: (input.range === '0-1' ? 1 / 255 : 1) / std,
    shift: -(input.mean[p] as number) / std,
  }
}

interface Geometry {
  readonly sourceWidth: number
  readonly sourceHeight: number
  readonly placement: Placement
  readonly width: number
  readonly height: number
  readonly planes: { readonly red: Plane; readonly green: Plane; readonly blue: Plane }
  /** Byte offsets within a row, and of rows. */
  readonly columns: Taps
  readonly rows: Taps
}

/** For each place of the result: the two source places beside it and the weight of the second. */
interface Taps {
  readonly first: Int32Array
  readonly second: Int32Array
  readonly weight: Float32Array
}

function planGeometry(picture: Picture, input: InputSpec): Geometry {
  const placement = placePicture(picture, input)
  const { width, height } = inputFor(placement, input)
  const plane = (colour: 'R' | 'G' | 'B') => toPlane(input, width * height, colour)
  return {
    sourceWidth: picture.width,
    sourceHeight: picture.height,
    placement,
    width,
    height,
    planes: { red: plane('R'), green: plane('G'), blue: plane('B') },
    columns: taps(picture.width, placement.width, 3),
    rows: taps(picture.height, placement.height, picture.width * 3),
  }
}

function taps(source: number, target: number, step: number): Taps {
  const first = new Int32Array(target)
  const second = new Int32Array(target)
  const weight = new Float32Array(target)
  for (let i = 0; i < target; i++) {
    const at = Math.min(source - 1, Math.max(0, ((i + 0.5) * source) / target - 0.5))
    const whole = Math.floor(at)
    first[i] = whole * step
    second[i] = Math.min(whole + 1, source - 1) * step
    weight[i] = at - whole
  }
  return { first, second, weight }
}

/** All colours in one pass: the four weights of a pixel are worked out once (1.1 ms for 640x352 → 416x229; plane by plane 1.6). */
function resample(
  rgb: Uint8Array,
  { placement, width: stride, planes: { red, green, blue }, columns, rows }: Geometry,
  data: Float32Array,
): void {
  const { width, height, left, top } = placement
  const { first, second, weight } = columns
  // An index below is inside its array by construction, which the type checker cannot know: hence `as number`.
  for (let y = 0; y < height; y++) {
    const upper = rows.first[y] as number
    const lower = rows.second[y] as number
    const down = rows.weight[y] as number
    const at = (top + y) * stride + left
    for (let x = 0; x < width; x++) {
      // Upper left, upper right, lower left, lower right.
      const ul = upper + (first[x] as number)
      const ur = upper + (second[x] as number)
      const ll = lower + (first[x] as number)
      const lr = lower + (second[x] as number)
      const right = weight[x] as number
      const wlr = right * down
      const wll = down - wlr
      const wur = right - wlr
      const wul = 1 - right - wll
      const i = at + x
      const r =
        (rgb[ul] as number) * wul +
        (rgb[ur] as number) * wur +
        (rgb[ll] as number) * wll +
        (rgb[lr] as number) * wlr
      const g =
        (rgb[ul + 1] as number) * wul +
        (rgb[ur + 1] as number) * wur +
        (rgb[ll + 1] as number) * wll +
        (rgb[lr + 1] as number) * wlr
      const b =
        (rgb[ul + 2] as number) * wul +
        (rgb[ur + 2] as number) * wur +
        (rgb[ll + 2] as number) * wll +
        (rgb[lr + 2] as number) * wlr
      data[red.offset + i] = r * red.gain + red.shift
      data[green.offset + i] = g * green.gain + green.shift
      data[blue.offset + i] = b * blue.gain + blue.shift
    }
  }
}
