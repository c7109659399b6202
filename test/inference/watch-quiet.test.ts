import { expect, test } from 'vitest'
import type { RuleConfig } from '../../core/config/rule.ts'
import type { Polygon } from '../../core/geometry.ts'
import type { Canvas } from '../footage/drawn.ts'
import { play, watcherOf } from './drive.ts'

// Regression: nothing happens for an hour, and no rule that judges pixels says otherwise.
const SKY: Polygon = [
  [0, 0],
  [1, 0],
  [1, 0.5],
  [0, 0.5],
]
const RULES: readonly RuleConfig[] = [
  { id: 'left', type: 'object_left', for: 10_000, minArea: 0.0004 },
  { id: 'night', type: 'after_hours_motion', minArea: 0.001 },
  { id: 'dark', type: 'plume', zone: 'sky', darkness: 1 },
  { id: 'covered', type: 'camera_covered' },
  { id: 'frozen', type: 'camera_frozen' },
]
let drawn: Uint8Array | null = null
const scene = (canvas: Canvas) => {
  if (drawn) return canvas.rgb.set(drawn)
  canvas.fill([0, 0, 1, 0.5], [170, 185, 205])
  canvas.fill([0, 0.5, 1, 1], [100, 100, 90])
  canvas.texture([0, 0.45, 1, 1], 25, 6, 2)
  canvas.fill([0.4, 0.2, 0.45, 0.8], [80, 60, 60])
  drawn = canvas.rgb.slice()
}

test('an hour of noise at 0.5 pictures a second', async () => {
  const film = { width: 96, height: 54, noise: 8, seed: 21, draw: scene }
  expect(await play(watcherOf(RULES, { zones: { sky: SKY } }), film, { seconds: 3600, fps: 0.5 })).toEqual([])
}, 120_000)

test('the light of a day within ten minutes, with noise', async () => {
  const film = {
    width: 96,
    height: 54,
    noise: 4,
    draw: (canvas: Canvas, s: number) => {
      scene(canvas)
      canvas.light(0.8 + 0.4 * Math.sin((s / 600) * 2 * Math.PI))
    },
  }
  expect(await play(watcherOf(RULES, { zones: { sky: SKY } }), film, { seconds: 600, fps: 0.5 })).toEqual([])
}, 120_000)
