import type { Canvas } from './canvas.ts'

export const SAMPLE_WIDTH = 960
export const SAMPLE_HEIGHT = 540
export const SAMPLE_FPS = 12
/** Long enough that a hazard begins, lasts and ends; then the film starts over. */
export const SAMPLE_SECONDS = 100

/** One drawn camera. What happens in it is in the pixels only: the analysis has to find it. */
export interface Scene {
  readonly id: string
  readonly background: Canvas
  /** Draws what moves at `t` seconds over a fresh copy of the background. */
  draw(canvas: Canvas, t: number): void
}

/** 0 before `from`, 1 after `to`, smooth between. */
export function ramp(t: number, from: number, to: number): number {
  const x = Math.min(1, Math.max(0, (t - from) / (to - from)))
  return x * x * (3 - 2 * x)
}
