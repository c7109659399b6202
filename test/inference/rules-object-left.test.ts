import { describe, expect, test } from 'vitest'
import type { Canvas } from '../footage/drawn.ts'
import { kinds, play, scriptedDetector, watcherOf } from './drive.ts'

const RULE = { id: 'left', type: 'object_left', for: 10_000 } as const
const BAG = [0.4, 0.6, 0.48, 0.75] as const

function street(canvas: Canvas): void {
  canvas.fill([0, 0, 1, 0.35], [170, 180, 190])
  canvas.fill([0, 0.35, 1, 1], [105, 105, 100])
  canvas.texture([0, 0.35, 1, 1], 14, 3, 7)
  canvas.fill([0.05, 0.2, 0.25, 0.5], [140, 90, 70])
}

/** A person-like shape that crosses the picture in `duration` seconds from `from`. */
function walker(canvas: Canvas, seconds: number, from: number, duration: number): void {
  const way = (seconds - from) / duration
  if (way < 0 || way > 1) return
  const x = way * 1.1 - 0.1
  canvas.fill([x, 0.4, x + 0.06, 0.85], [40, 40, 60])
  canvas.fill([x + 0.015, 0.33, x + 0.045, 0.4], [190, 150, 130])
}

const bag = (canvas: Canvas, seconds: number, from: number, to: number) => {
  if (seconds >= from && seconds < to) canvas.fill(BAG, [30, 60, 40])
}

describe.each([
  ['without noise', 0],
  ['with noise', 5],
])('a film %s', (_, noise) => {
  test.each([0.5, 2, 5])('at %f pictures a second: appears at 6 s, taken at 40 s', async (fps) => {
    const seen = await play(
      watcherOf([RULE]),
      {
        noise,
        draw: (canvas, s) => {
          street(canvas)
          walker(canvas, s, 5, 4)
          bag(canvas, s, 6.8, 40)
        },
      },
      { seconds: 60, fps },
    )
    expect(kinds(seen)).toEqual(['start', 'end'])
    const start = seen[0]
    expect(start?.at).toBeGreaterThanOrEqual(16)
    expect(start?.at).toBeLessThanOrEqual(26)
    const event = start?.change.event
    expect(Math.abs((event?.since ?? 0) - 1_700_000_006_800)).toBeLessThan(4_000)
    expect(event?.box?.[0]).toBeCloseTo(BAG[0], 1)
    expect(event?.box?.[3]).toBeCloseTo(BAG[3], 1)
    expect(event?.measured.count).toBe(1)
    expect(seen.at(-1)?.at).toBeGreaterThanOrEqual(40)
    expect(seen.at(-1)?.at).toBeLessThanOrEqual(54)
  })

  test('what was there at the warm-up is background, also when it leaves', async () => {
    const seen = await play(
      watcherOf([RULE]),
      {
        noise,
        draw: (canvas, s) => {
          street(canvas)
          bag(canvas, s, 0, 20)
        },
      },
      { seconds: 60, fps: 2 },
    )
    expect(seen).toEqual([])
  })

  test('walkers and a person who stands shortly raise nothing', async () => {
    const seen = await play(
      watcherOf([RULE]),
      {
        noise,
        draw: (canvas, s) => {
          street(canvas)
          walker(canvas, s, 1, 6)
          for (let from = 8; from < 80; from += 3) walker(canvas, s, from, 5)
          if (s > 20 && s < 27) canvas.fill([0.6, 0.4, 0.66, 0.85], [50, 50, 80])
        },
      },
      { seconds: 80, fps: 3 },
    )
    expect(seen).toEqual([])
  })

  test('a loop and a cut restart the background and raise nothing', async () => {
    const seen = await play(
      watcherOf([RULE]),
      {
        noise,
        draw: (canvas, s) => {
          if (s >= 15 && s < 30) {
            canvas.fill([0, 0, 1, 1], [200, 120, 60])
            canvas.texture([0, 0, 1, 1], 60, 20, 99)
          } else street(canvas)
          bag(canvas, s, 30, 90)
        },
      },
      { seconds: 60, fps: 2, facts: (s) => ({ discontinuity: s === 45 }) },
    )
    expect(seen).toEqual([])
  })

  test('someone who hides it for a moment does not end it', async () => {
    const seen = await play(
      watcherOf([RULE]),
      {
        noise,
        draw: (canvas, s) => {
          street(canvas)
          bag(canvas, s, 6, 100)
          for (const from of [20, 30, 36]) walker(canvas, s, from, 5)
        },
      },
      { seconds: 60, fps: 4 },
    )
    expect(kinds(seen)).toEqual(['start'])
  })
})

test('a loop ends an open event with its reason', async () => {
  const seen = await play(
    watcherOf([RULE]),
    {
      draw: (canvas, s) => {
        street(canvas)
        bag(canvas, s, 6, 40)
      },
    },
    { seconds: 60, fps: 2, facts: (s) => ({ discontinuity: s === 40 }) },
  )
  expect(kinds(seen)).toEqual(['start', 'end'])
  expect(seen.at(-1)?.change.event.endReason).toMatch(/learned anew: the source jumped/)
})

test('slow and sudden light raise nothing', async () => {
  const seen = await play(
    watcherOf([RULE]),
    {
      noise: 3,
      draw: (canvas, s) => {
        street(canvas)
        canvas.light((s < 60 ? 1 - s / 120 : 0.5) * (s > 90 ? 1.7 : 1))
      },
    },
    { seconds: 150, fps: 1 },
  )
  expect(seen).toEqual([])
})

test('a shadow that falls on textured ground is no thing', async () => {
  const seen = await play(
    watcherOf([RULE]),
    {
      noise: 2,
      draw: (canvas, s) => {
        street(canvas)
        if (s > 8) canvas.fill([0.3, 0.5, 0.5, 0.8], [0, 0, 0], 0.35)
      },
    },
    { seconds: 40, fps: 2 },
  )
  expect(seen).toEqual([])
})

test('inside a privacy polygon nothing is seen', async () => {
  const privacy = [
    [
      [0.35, 0.5],
      [0.55, 0.5],
      [0.55, 0.8],
      [0.35, 0.8],
    ],
  ] as const
  const draw = (canvas: Canvas, s: number) => {
    street(canvas)
    bag(canvas, s, 6, 100)
  }
  expect(await play(watcherOf([RULE], { privacy }), { draw }, { seconds: 30, fps: 2 })).toEqual([])
  expect(kinds(await play(watcherOf([RULE]), { draw }, { seconds: 30, fps: 2 }))).toEqual(['start'])
})

test('a worker that takes the camera over goes on with the thing, until it is taken away', async () => {
  const draw = (canvas: Canvas, s: number) => {
    street(canvas)
    bag(canvas, s, 6, 50)
    walker(canvas, s, 34, 5)
  }
  const film = { noise: 4, draw }
  const first = await play(watcherOf([RULE]), film, { seconds: 25, fps: 2 })
  const open = first.at(-1)?.change.event
  if (!open) throw new Error('nothing was raised')
  const heir = watcherOf([RULE])
  heir.adopt([open])
  const seen = await play(
    heir,
    { ...film, draw: (c, s) => draw(c, s + 30) },
    {
      seconds: 50,
      fps: 2,
      facts: (s) => ({ capturedAt: 1_700_000_030_000 + s * 1000 }),
    },
  )
  expect(kinds(seen)).toEqual(['end'])
  expect(seen.at(-1)?.change.event.id).toBe(open.id)
  expect(seen.at(-1)?.at).toBeGreaterThanOrEqual(20)
  expect(seen.at(-1)?.at).toBeLessThanOrEqual(32)
  expect(seen[0]?.change.event.since).toBe(open.since)
})

test('a thing as bright as the ground is seen by its colour', async () => {
  const seen = await play(
    watcherOf([RULE]),
    {
      noise: 3,
      draw: (canvas, s) => {
        street(canvas)
        // Luma 102 on 104.
        if (s >= 6) canvas.fill(BAG, [150, 90, 40])
      },
    },
    { seconds: 30, fps: 2 },
  )
  expect(kinds(seen)).toEqual(['start'])
})

test('a person whom the model sees there is no thing, also between two looks of the model', async () => {
  const film = {
    noise: 3,
    draw: (canvas: Canvas, s: number) => {
      street(canvas)
      bag(canvas, s, 6, 100)
    },
  }
  const lane = { id: 'lane', type: 'lane_blocked' } as const
  const person = scriptedDetector(['person', 'car'], (frame) =>
    frame.mediaMs >= 6_000 ? [{ label: 'person', score: 0.7, box: [0.38, 0.5, 0.5, 0.78] }] : [],
  )
  expect(await play(watcherOf([RULE, lane], { detector: person }), film, { seconds: 60, fps: 1 })).toEqual([])
  const nobody = scriptedDetector(['person', 'car'], () => [])
  expect(
    kinds(await play(watcherOf([RULE, lane], { detector: nobody }), film, { seconds: 60, fps: 1 })),
  ).toEqual(['start'])
})
