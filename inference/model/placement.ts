import type { Box } from '../../core/geometry.ts'
import type { InputSpec, RawBox } from '../family/family.ts'

/** Where the picture lies in the model's input, in input pixels. */
export interface Placement {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Places a picture of this size into the input: stretched over it, or letterboxed with its aspect ratio kept. */
export function placePicture(
  picture: { readonly width: number; readonly height: number },
  input: Pick<InputSpec, 'width' | 'height' | 'resize'>,
): Placement {
  if (input.resize.kind === 'stretch') return { left: 0, top: 0, width: input.width, height: input.height }
  const scale = Math.min(input.width / picture.width, input.height / picture.height)
  const width = Math.max(1, Math.min(input.width, Math.round(picture.width * scale)))
  const height = Math.max(1, Math.min(input.height, Math.round(picture.height * scale)))
  const centred = input.resize.place === 'centred'
  return {
    left: centred ? Math.floor((input.width - width) / 2) : 0,
    top: centred ? Math.floor((input.height - height) / 2) : 0,
    width,
    height,
  }
}

/** Size of the input for a picture placed there: all of it, or as much as `trim` leaves. */
export function inputFor(
  placement: Placement,
  input: Pick<InputSpec, 'width' | 'height' | 'resize'>,
): { readonly width: number; readonly height: number } {
  const trim = input.resize.kind === 'letterbox' ? input.resize.trim : undefined
  if (trim === undefined) return { width: input.width, height: input.height }
  const cut = (used: number, whole: number) => Math.min(whole, Math.ceil(used / trim) * trim)
  return { width: cut(placement.width, input.width), height: cut(placement.height, input.height) }
}

/** Input pixels → fractions of the picture, clipped to it; null when nothing of the box lies in the picture. */
export function toPicture(box: RawBox, placement: Placement): Box | null {
  const x = (value: number) => clamp((value - placement.left) / placement.width)
  const y = (value: number) => clamp((value - placement.top) / placement.height)
  const [left, top, right, bottom] = [x(box.left), y(box.top), x(box.right), y(box.bottom)]
  return right > left && bottom > top ? [left, top, right, bottom] : null
}

const clamp = (value: number) => Math.min(1, Math.max(0, value))
