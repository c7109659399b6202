import type { Canvas } from './canvas.ts'

export const SAMPLE_WIDTH = 960
export const SAMPLE_HEIGHT = 540
export const SAMPLE_FPS = 10
/** In the first film a hazard begins, lasts and ends … */
export const EVENT_SECONDS = 75
/** … in the second nothing happens: it is played again and again, so that a hazard comes about twice an hour. */
export const QUIET_SECONDS = 24
export const QUIET_REPEATS = 75

/** One drawn camera. What happens in it is in the pixels only: the analysis has to find it. */
export interface Scene {
  readonly id: string
  /** A fresh copy of the background, with the sensor grain of the n-th picture. */
  ground(n: number): Canvas
  /** Draws what moves at `t` seconds over a ground. */
  draw(canvas: Canvas, t: number): void
}

/** 0 before `from`, 1 after `to`, smooth between. */
export function ramp(t: number, from: number, to: number): number {
  const x = Math.min(1, Math.max(0, (t - from) / (to - from)))
  return x * x * (3 - 2 * x)
}
