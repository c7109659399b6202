import type { InputSpec } from '../family/family.ts'
import { type Placement, placePicture } from './placement.ts'

/** RGB24, rows top down. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/**
 * Picture → planes of float32 (NCHW) in the model's size, order and range: bilinear with pixel centres aligned, as
 * OpenCV's INTER_LINEAR, which the families here were trained with. The returned array is reused by the next call.
 */
export function createPreprocess(
  input: InputSpec,
): (picture: Picture) => { data: Float32Array; placement: Placement } {
  const plane = input.width * input.height
  const data = new Float32Array(3 * plane)
  const unit = input.range === '0-1' ? 1 / 255 : 1
  // Plane p takes source channel channels[p]; value v becomes v * gain[p] + shift[p].
  const channels = input.order === 'RGB' ? [0, 1, 2] : [2, 1, 0]
  const gain = input.std.map((std) => unit / std)
  const shift = input.mean.map((mean, p) => -mean / (input.std[p] as number))
  let geometry: Geometry | null = null

  return (picture) => {
    if (geometry?.sourceWidth !== picture.width || geometry.sourceHeight !== picture.height) {
      geometry = planGeometry(picture, input)
      const pad = input.resize.kind === 'letterbox' ? input.resize.pad : 0
      for (let p = 0; p < 3; p++) {
        data.fill(pad * (gain[p] as number) + (shift[p] as number), p * plane, (p + 1) * plane)
      }
    }
    for (let p = 0; p < 3; p++) {
      resamplePlane(
        picture,
        geometry,
        data,
        p * plane,
        input.width,
        channels[p] as number,
        gain[p] as number,
        shift[p] as number,
      )
    }
    return { data, placement: geometry.placement }
  }
}

interface Geometry {
  readonly sourceWidth: number
  readonly sourceHeight: number
  readonly placement: Placement
  readonly columns: Taps
  readonly rows: Taps
  /** Two source rows, resampled to the placement's width: consecutive rows of the result share them. */
  readonly upper: Float32Array
  readonly lower: Float32Array
}

/** For each place of the result: the two source places beside it and the weight of the second. */
interface Taps {
  readonly first: Int32Array
  readonly second: Int32Array
  readonly weight: Float32Array
}

function planGeometry(picture: Picture, input: InputSpec): Geometry {
  const placement = placePicture(picture, input)
  return {
    sourceWidth: picture.width,
    sourceHeight: picture.height,
    placement,
    columns: taps(picture.width, placement.width, 3),
    rows: taps(picture.height, placement.height, picture.width * 3),
    upper: new Float32Array(placement.width),
    lower: new Float32Array(placement.width),
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

function resamplePlane(
  { rgb }: Picture,
  { placement, columns, rows, upper, lower }: Geometry,
  data: Float32Array,
  planeOffset: number,
  stride: number,
  channel: number,
  gain: number,
  shift: number,
): void {
  const { width, height } = placement
  let [top, bottom] = [upper, lower]
  let [topRow, bottomRow] = [-1, -1]
  for (let y = 0; y < height; y++) {
    const first = rows.first[y] as number
    const second = rows.second[y] as number
    if (first === bottomRow) {
      ;[top, bottom] = [bottom, top]
      ;[topRow, bottomRow] = [bottomRow, topRow]
    }
    if (first !== topRow) {
      resampleRow(rgb, first + channel, columns, top, width)
      topRow = first
    }
    if (second !== bottomRow) {
      resampleRow(rgb, second + channel, columns, bottom, width)
      bottomRow = second
    }
    const low = (rows.weight[y] as number) * gain
    const high = gain - low
    const at = planeOffset + (placement.top + y) * stride + placement.left
    for (let x = 0; x < width; x++)
      data[at + x] = (top[x] as number) * high + (bottom[x] as number) * low + shift
  }
}

function resampleRow(rgb: Uint8Array, row: number, columns: Taps, target: Float32Array, width: number): void {
  const { first, second, weight } = columns
  for (let x = 0; x < width; x++) {
    const a = rgb[row + (first[x] as number)] as number
    const b = rgb[row + (second[x] as number)] as number
    target[x] = a + (b - a) * (weight[x] as number)
  }
}
