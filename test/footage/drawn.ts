import type { Frame } from '../../core/frame.ts'
import type { Box } from '../../core/geometry.ts'
import { createGaussian, createRandom } from './random.ts'

/** A picture that is being drawn, RGB24. */
export interface Canvas {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
  /** Fills a box (fractions of the picture) with one colour; alpha 0..1. */
  fill(box: Box, colour: readonly [number, number, number], alpha?: number): void
  /** A texture that is the same in every picture: blocks of `size` pixels that differ by up to `levels`. */
  texture(box: Box, levels: number, size: number, seed: number): void
  /** Light of the whole picture: every value times `gain`. */
  light(gain: number): void
}

export interface DrawnFilm {
  readonly width?: number
  readonly height?: number
  /** Standard deviation of the sensor noise in levels; 0: a drawn film without noise. */
  readonly noise?: number
  readonly seed?: number
  readonly draw: (canvas: Canvas, seconds: number) => void
}

const NOISE_TABLE = 65_536

/** Pictures of a scene that is drawn in code, with sensor noise that differs in every picture. */
export function createDrawnFilm(film: DrawnFilm): {
  rgb(seconds: number): Uint8Array
  readonly width: number
  readonly height: number
} {
  const { width = 128, height = 72, noise = 0, seed = 1 } = film
  const gaussian = createGaussian(seed)
  const table = Float32Array.from({ length: NOISE_TABLE }, () => gaussian() * noise)
  const random = createRandom(seed + 1)
  return {
    width,
    height,
    rgb(seconds) {
      const canvas = createCanvas(width, height)
      film.draw(canvas, seconds)
      if (noise > 0) {
        for (let y = 0; y < height; y++) {
          // Each row takes its noise from a random place of one table: no two pictures have the same.
          let at = Math.floor(random() * NOISE_TABLE)
          for (let i = y * width * 3; i < (y + 1) * width * 3; i++) {
            const value = (canvas.rgb[i] as number) + (table[at++ & (NOISE_TABLE - 1)] as number)
            canvas.rgb[i] = value < 0 ? 0 : value > 255 ? 255 : Math.round(value)
          }
        }
      }
      return canvas.rgb
    },
  }
}

export function createCanvas(width: number, height: number): Canvas {
  const rgb = new Uint8Array(width * height * 3)
  const clamp = (v: number) => Math.max(0, Math.min(255, Math.round(v)))
  const each = ([l, t, r, b]: Box, visit: (i: number, x: number, y: number) => void) => {
    for (let y = Math.max(0, Math.round(t * height)); y < Math.min(height, Math.round(b * height)); y++) {
      for (let x = Math.max(0, Math.round(l * width)); x < Math.min(width, Math.round(r * width)); x++) {
        visit((y * width + x) * 3, x, y)
      }
    }
  }
  return {
    width,
    height,
    rgb,
    fill(box, colour, alpha = 1) {
      each(box, (i) => {
        for (let c = 0; c < 3; c++) {
          rgb[i + c] = clamp((rgb[i + c] as number) * (1 - alpha) + (colour[c] as number) * alpha)
        }
      })
    },
    texture(box, levels, size, seed) {
      const random = createRandom(seed)
      const columns = Math.ceil(width / size)
      const values = Float32Array.from(
        { length: columns * Math.ceil(height / size) },
        () => (random() - 0.5) * 2 * levels,
      )
      each(box, (i, x, y) => {
        const value = values[Math.floor(y / size) * columns + Math.floor(x / size)] as number
        for (let c = 0; c < 3; c++) rgb[i + c] = clamp((rgb[i + c] as number) + value)
      })
    },
    light(gain) {
      for (let i = 0; i < rgb.length; i++) rgb[i] = clamp((rgb[i] as number) * gain)
    },
  }
}

/** A picture as the decoder would give it. */
export function frameOf(
  rgb: Uint8Array,
  facts: Partial<Frame> & Pick<Frame, 'width' | 'height' | 'mediaMs'>,
): Frame {
  return {
    cameraId: 'drawn',
    connection: 1,
    index: Math.round(facts.mediaMs / 40),
    capturedAt: 1_700_000_000_000 + facts.mediaMs,
    clock: { kind: 'media', errorMs: 0 },
    key: true,
    discontinuity: false,
    rgb,
    ...facts,
  }
}
