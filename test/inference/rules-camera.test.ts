import { describe, expect, test } from 'vitest'
import type { Canvas } from '../footage/drawn.ts'
import { kinds, play, watcherOf } from './drive.ts'

function yard(canvas: Canvas): void {
  canvas.fill([0, 0, 1, 0.4], [160, 175, 195])
  canvas.fill([0, 0.4, 1, 1], [110, 105, 95])
  canvas.texture([0, 0.1, 1, 1], 20, 5, 3)
  canvas.fill([0.6, 0.15, 0.9, 0.6], [90, 80, 120])
}

describe('camera_covered', () => {
  const RULE = { id: 'covered', type: 'camera_covered' } as const

  test.each([
    ['a hand, noisy', 4, [38, 30, 28]],
    ['a bright bag, no noise', 0, [190, 190, 185]],
    ['black tape, dark noise', 6, [4, 4, 4]],
  ] as const)('%s over the lens from 20 s to 45 s is one event', async (_, noise, colour) => {
    const seen = await play(
      watcherOf([RULE]),
      {
        noise,
        draw: (canvas, s) => (s >= 20 && s < 45 ? canvas.fill([0, 0, 1, 1], colour) : yard(canvas)),
      },
      { seconds: 60, fps: 1 },
    )
    expect(kinds(seen)).toEqual(['start', 'end'])
    expect(seen[0]?.at).toBeGreaterThanOrEqual(30)
    expect(seen[0]?.at).toBeLessThanOrEqual(32)
    expect(Math.abs((seen[0]?.change.event.since ?? 0) - 1_700_000_020_000)).toBeLessThanOrEqual(1_000)
    expect(seen.at(-1)?.at).toBeGreaterThanOrEqual(49)
    expect(seen.at(-1)?.at).toBeLessThanOrEqual(52)
  })

  test('a hand for 6 s, and a lamp that is switched off while edges are left, raise nothing', async () => {
    const seen = await play(
      watcherOf([RULE]),
      {
        noise: 2,
        draw: (canvas, s) => {
          if (s >= 20 && s < 26) canvas.fill([0, 0, 1, 1], [38, 30, 28])
          else yard(canvas)
          if (s >= 35) canvas.light(0.3)
        },
      },
      { seconds: 70, fps: 1 },
    )
    expect(seen).toEqual([])
  })

  test('a camera that is covered from the start is found', async () => {
    const seen = await play(
      watcherOf([RULE]),
      { noise: 5, draw: (canvas) => canvas.fill([0, 0, 1, 1], [20, 20, 20]) },
      { seconds: 15, fps: 1 },
    )
    expect(kinds(seen)).toEqual(['start'])
    expect(seen[0]?.change.event.zone).toBeNull()
  })
})

describe('camera_frozen', () => {
  const RULE = { id: 'frozen', type: 'camera_frozen' } as const

  test('a noisy picture that stands still from 10 s to 50 s is one event', async () => {
    let still: Uint8Array | null = null
    const seen = await play(
      watcherOf([RULE]),
      {
        noise: 2,
        draw: (canvas) => yard(canvas),
      },
      {
        seconds: 60,
        fps: 1,
        facts: () => ({}),
        replace: (s, rgb) => {
          if (s < 10 || s >= 50) return rgb
          still ??= rgb.slice()
          return still
        },
      },
    )
    expect(kinds(seen)).toEqual(['start', 'end'])
    expect(seen[0]?.at).toBe(40)
    expect(seen.at(-1)?.at).toBeLessThanOrEqual(53)
  })

  test('an hour of a quiet but living camera raises nothing', async () => {
    const seen = await play(
      watcherOf([RULE]),
      { width: 96, height: 54, noise: 0.8, draw: (canvas) => yard(canvas) },
      { seconds: 3600, fps: 0.25 },
    )
    expect(seen).toEqual([])
  })

  test('a film that is truly static is told apart; a live camera that never lived is not', async () => {
    const film = { draw: (canvas: Canvas) => yard(canvas) }
    expect(await play(watcherOf([RULE]), film, { seconds: 400, fps: 0.5 })).toEqual([])
    const live = await play(watcherOf([RULE]), film, {
      seconds: 310,
      fps: 0.5,
      facts: () => ({ clock: { kind: 'arrival', errorMs: 200 } }),
    })
    expect(kinds(live)).toEqual(['start'])
    expect(live[0]?.at).toBe(300)
  })
})

describe('after_hours_motion', () => {
  // 1_700_000_000 is 2023-11-14 22:13:20 UTC: 06:13 in Shanghai.
  const RULE = { id: 'night', type: 'after_hours_motion', hours: '05:00-07:00' } as const
  const cook = (canvas: Canvas, s: number) => {
    const x = 0.2 + 0.5 * Math.abs(((s / 8) % 2) - 1)
    canvas.fill([x, 0.3, x + 0.1, 0.9], [60, 50, 45])
  }
  const kitchen = (canvas: Canvas) => {
    canvas.fill([0, 0, 1, 1], [120, 120, 118])
    canvas.texture([0, 0, 1, 1], 10, 10, 4)
  }

  test.each([0.5, 3])('somebody who goes about from 10 s to 30 s at %f pictures a second', async (fps) => {
    const seen = await play(
      watcherOf([RULE]),
      {
        noise: 3,
        draw: (canvas, s) => {
          kitchen(canvas)
          if (s >= 10 && s < 30) cook(canvas, s)
        },
      },
      { seconds: 75, fps },
    )
    expect(kinds(seen)).toEqual(['start', 'end'])
    expect(seen[0]?.at).toBeGreaterThanOrEqual(13)
    expect(seen[0]?.at).toBeLessThanOrEqual(18)
    expect(seen.at(-1)?.at).toBeGreaterThanOrEqual(58)
  })

  test('the same in open hours raises nothing', async () => {
    const draw = (canvas: Canvas, s: number) => {
      kitchen(canvas)
      if (s > 5) cook(canvas, s)
    }
    expect(
      await play(watcherOf([RULE], { timezone: 'Europe/Berlin' }), { draw }, { seconds: 20, fps: 2 }),
    ).toEqual([])
    expect(kinds(await play(watcherOf([RULE]), { draw }, { seconds: 20, fps: 2 }))).toEqual(['start'])
  })

  test('a lamp that is switched on and off, and noise, are no motion', async () => {
    const seen = await play(
      watcherOf([RULE]),
      {
        noise: 5,
        draw: (canvas, s) => {
          kitchen(canvas)
          // The exposure takes two seconds to settle.
          const since = s - 10
          canvas.light(since < 0 || s > 40 ? 0.4 : 1 + 0.3 * Math.exp(-since))
        },
      },
      { seconds: 55, fps: 2 },
    )
    expect(seen).toEqual([])
  })

  test('a beam of light through the door is one step, not motion that goes on', async () => {
    const seen = await play(
      watcherOf([RULE]),
      {
        noise: 3,
        draw: (canvas, s) => {
          kitchen(canvas)
          if (s > 8) canvas.fill([0.5, 0.5, 0.8, 1], [255, 240, 200], 0.4)
        },
      },
      { seconds: 20, fps: 4 },
    )
    expect(seen).toEqual([])
  })
})
