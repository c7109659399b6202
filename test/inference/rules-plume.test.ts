import { describe, expect, test } from 'vitest'
import type { Canvas } from '../footage/drawn.ts'
import { createRandom } from '../footage/random.ts'
import { kinds, play, watcherOf } from './drive.ts'

const SKY = [
  [0.1, 0],
  [0.9, 0],
  [0.9, 0.6],
  [0.1, 0.6],
] as const
const RULE = { id: 'dark', type: 'plume', zone: 'sky', darkness: 2 } as const
const options = { zones: { sky: SKY } }

function works(canvas: Canvas): void {
  for (let y = 0; y < 10; y++)
    canvas.fill([0, y * 0.06, 1, (y + 1) * 0.06], [170 + 4 * y, 185 + 3 * y, 205 + 2 * y])
  canvas.fill([0, 0.6, 1, 1], [90, 95, 80])
  canvas.fill([0.48, 0.4, 0.53, 0.75], [95, 70, 60])
}

/** Puffs that rise from the chimney and bend with the wind; `grey` is the level of the smoke. */
function puffs(canvas: Canvas, s: number, from: number, grey: number): void {
  const random = createRandom(Math.floor(s * 7) + 11)
  for (let n = 0; n < 12; n++) {
    const way = n / 12
    if (s - from < way * 4) continue
    const [x, y] = [0.505 + way * way * 0.25 + (random() - 0.5) * 0.02, 0.38 - way * 0.3]
    const r = 0.02 + way * 0.05
    canvas.fill([x - r, y - r, x + r, y + r], [grey, grey, grey], 0.85)
  }
}

describe('plume', () => {
  test.each([
    [0, 1],
    [4, 0.5],
    [4, 3],
  ])('black smoke from 10 s to 40 s with noise %f at %f pictures a second', async (noise, fps) => {
    const seen = await play(
      watcherOf([RULE], options),
      {
        noise,
        draw: (canvas, s) => {
          works(canvas)
          if (s >= 10 && s < 40) puffs(canvas, s, 10, 50)
        },
      },
      { seconds: 90, fps },
    )
    expect(kinds(seen)).toEqual(['start', 'end'])
    expect(seen[0]?.at).toBeGreaterThanOrEqual(20)
    expect(seen[0]?.at).toBeLessThanOrEqual(28)
    const { measured, zone, thresholds } = seen[0]?.change.event ?? {}
    expect(zone).toBe('sky')
    expect(thresholds?.ringelmann).toBe(2)
    expect(measured?.ringelmann).toBeGreaterThan(2)
    expect(measured?.ringelmann).toBeLessThan(5)
    expect(seen.at(-1)?.at).toBeGreaterThanOrEqual(68)
  })

  test('white steam, and smoke lighter than the limit, raise nothing', async () => {
    for (const grey of [245, 150]) {
      const seen = await play(
        watcherOf([RULE], options),
        {
          noise: 3,
          draw: (canvas, s) => {
            works(canvas)
            if (s >= 8) puffs(canvas, s, 8, grey)
          },
        },
        { seconds: 40, fps: 1 },
      )
      expect(seen).toEqual([])
    }
  })

  test('clouds raise nothing: grey ones that drift, a sky that closes, dusk and night', async () => {
    const seen = await play(
      watcherOf([{ ...RULE, darkness: 1 }], options),
      {
        noise: 3,
        draw: (canvas, s) => {
          works(canvas)
          const x = s / 60 - 0.3
          for (let n = 0; n < 8; n++) {
            canvas.fill(
              [x + n * 0.02, 0.1 + n * 0.005, x + 0.4 - n * 0.02, 0.25 - n * 0.005],
              [110, 112, 120],
              0.12,
            )
          }
          if (s > 80) canvas.light(Math.max(0.05, 1 - (s - 80) / 60))
        },
      },
      { seconds: 160, fps: 1 },
    )
    expect(seen).toEqual([])
  })

  test('the chimney itself, a bird and a loop raise nothing', async () => {
    const seen = await play(
      watcherOf([RULE], options),
      {
        noise: 3,
        draw: (canvas, s) => {
          works(canvas)
          const x = (s % 6) / 6
          canvas.fill([x, 0.2, x + 0.02, 0.22], [30, 30, 30])
          if (s > 25) puffs(canvas, s, 0, 50)
        },
      },
      { seconds: 34, fps: 2, facts: (s) => ({ discontinuity: s === 25.5 }) },
    )
    expect(seen).toEqual([])
  })
})
