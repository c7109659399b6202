import { type Box, insidePolygon, type Point, type Polygon, polygonBounds } from '../../core/geometry.ts'

/** An RGB24 picture that is masked in place. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/** Side of a coarse cell as a share of the picture's width: a face that fills a tenth of the picture keeps 4 cells. */
const COARSE_SHARE = 1 / 40
const COARSE_MIN_PX = 12
/** "Finely inside the hazard's own box": cells an eighth of the box (DESIGN section 1). */
const CELLS_IN_HAZARD = 8
/** Cells over a head: 4 × 4 says that somebody is there and nothing more. */
const CELLS_IN_HEAD = 4

/** Replaces every cell of `cellW` × `cellH` pixels inside the box by its mean colour. */
export function pixelateBox(picture: Picture, box: Box, cellW: number, cellH: number): void {
  const { width, height, rgb } = picture
  const left = Math.max(0, Math.floor(box[0] * width))
  const top = Math.max(0, Math.floor(box[1] * height))
  const right = Math.min(width, Math.ceil(box[2] * width))
  const bottom = Math.min(height, Math.ceil(box[3] * height))
  for (let y = top; y < bottom; y += cellH) {
    const endY = Math.min(bottom, y + cellH)
    for (let x = left; x < right; x += cellW) fillWithMean(rgb, width, x, y, Math.min(right, x + cellW), endY)
  }
}

function fillWithMean(rgb: Uint8Array, width: number, x0: number, y0: number, x1: number, y1: number): void {
  let r = 0
  let g = 0
  let b = 0
  for (let y = y0; y < y1; y++) {
    for (let i = (y * width + x0) * 3, end = (y * width + x1) * 3; i < end; i += 3) {
      r += rgb[i] ?? 0
      g += rgb[i + 1] ?? 0
      b += rgb[i + 2] ?? 0
    }
  }
  const count = (x1 - x0) * (y1 - y0)
  const mean = [r / count, g / count, b / count] as const
  for (let y = y0; y < y1; y++) {
    for (let i = (y * width + x0) * 3, end = (y * width + x1) * 3; i < end; i += 3) {
      rgb[i] = mean[0]
      rgb[i + 1] = mean[1]
      rgb[i + 2] = mean[2]
    }
  }
}

/** The whole picture coarsely, the hazard's own box finely, so that the hazard can be judged and nobody recognised. */
export function pixelateFrame(picture: Picture, hazard: Box | null): void {
  const kept = hazard ? cropBox(picture, hazard) : null
  const cell = Math.max(COARSE_MIN_PX, Math.round(picture.width * COARSE_SHARE))
  pixelateBox(picture, [0, 0, 1, 1], cell, cell)
  if (!hazard || !kept) return
  pasteBox(picture, hazard, kept)
  const cells = (share: number, size: number) => Math.max(1, Math.ceil((share * size) / CELLS_IN_HAZARD))
  pixelateBox(
    picture,
    hazard,
    cells(hazard[2] - hazard[0], picture.width),
    cells(hazard[3] - hazard[1], picture.height),
  )
}

export function pixelateHeads(picture: Picture, heads: readonly Box[]): void {
  for (const head of heads) {
    const cells = (share: number, size: number) => Math.max(2, Math.ceil((share * size) / CELLS_IN_HEAD))
    pixelateBox(
      picture,
      head,
      cells(head[2] - head[0], picture.width),
      cells(head[3] - head[1], picture.height),
    )
  }
}

/** Privacy polygons are never shown and never stored: flat grey, nothing of them is left. */
export function blankPolygons(picture: Picture, polygons: readonly Polygon[]): void {
  const { width, height, rgb } = picture
  for (const polygon of polygons) {
    const [l, t, r, b] = polygonBounds(polygon)
    for (let y = Math.max(0, Math.floor(t * height)); y < Math.min(height, Math.ceil(b * height)); y++) {
      for (let x = Math.max(0, Math.floor(l * width)); x < Math.min(width, Math.ceil(r * width)); x++) {
        const centre: Point = [(x + 0.5) / width, (y + 0.5) / height]
        if (insidePolygon(centre, polygon)) rgb.fill(128, (y * width + x) * 3, (y * width + x) * 3 + 3)
      }
    }
  }
}

const rows = ({ width, height }: Picture, box: Box) => ({
  left: Math.max(0, Math.floor(box[0] * width)),
  top: Math.max(0, Math.floor(box[1] * height)),
  right: Math.min(width, Math.ceil(box[2] * width)),
  bottom: Math.min(height, Math.ceil(box[3] * height)),
})

function cropBox(picture: Picture, box: Box): Uint8Array[] {
  const { left, top, right, bottom } = rows(picture, box)
  return Array.from({ length: Math.max(0, bottom - top) }, (_, i) =>
    picture.rgb.slice(((top + i) * picture.width + left) * 3, ((top + i) * picture.width + right) * 3),
  )
}

function pasteBox(picture: Picture, box: Box, lines: readonly Uint8Array[]): void {
  const { left, top } = rows(picture, box)
  lines.forEach((line, i) => {
    picture.rgb.set(line, ((top + i) * picture.width + left) * 3)
  })
}
