import { describe, expect, test } from 'vitest'
import { SharpEyesError } from '../../core/errors.ts'
import { hazardEventSchema } from '../../core/event.ts'
import type { Attention, Detection } from '../../core/frame.ts'
import type { Detector } from '../../core/ports/detector.ts'
import { watchLine } from '../../inference/watch/line.ts'
import { createDrawnFilm, type DrawnFilm, frameOf } from '../footage/drawn.ts'
import { kinds, play, scriptedDetector, watcherOf } from './drive.ts'

const QUIET: DrawnFilm = {
  width: 160,
  height: 90,
  noise: 3,
  draw: (c) => c.fill([0, 0, 1, 1], [110, 110, 110]),
}
/** Something flickers where the flame is. */
const FLAMES: DrawnFilm = {
  ...QUIET,
  draw: (c, s) => {
    c.fill([0, 0, 1, 1], [110, 110, 110])
    const light = 150 + 60 * Math.sin(s * 5)
    c.fill([0.4, 0.4, 0.6, 0.6], [light, light, light])
  },
}
const flame: Detection = { label: 'fire', score: 0.9, box: [0.4, 0.4, 0.6, 0.6] }
const FIRE = { id: 'fire', type: 'fire' } as const

const frames = (film: DrawnFilm, stepMs: number) => {
  const drawn = createDrawnFilm(film)
  return (n: number, over = {}) =>
    frameOf(drawn.rgb((n * stepMs) / 1000), {
      width: drawn.width,
      height: drawn.height,
      mediaMs: n * stepMs,
      ...over,
    })
}

describe('what is not watched says so', () => {
  test('types without their model, and types that are not built', () => {
    const rules = [FIRE, { id: 'mice', type: 'rodent' }, { id: 'left', type: 'object_left' }] as const
    expect(watcherOf(rules).unavailable).toEqual([
      { type: 'fire', reason: 'no model is configured' },
      { type: 'rodent', reason: 'not built yet' },
    ])
    const coco = scriptedDetector(['person', 'car'], () => [])
    expect(watcherOf(rules, { detector: coco }).unavailable[0]?.reason).toBe(
      'the model scripted has no class fire',
    )
  })

  test('a disabled rule is neither watched nor missed', async () => {
    const off = { ...FIRE, enabled: false } as const
    expect(watcherOf([off, { id: 'mice', type: 'rodent', enabled: false }]).unavailable).toEqual([])
    const detector = scriptedDetector(['fire'], () => [flame])
    expect(kinds(await play(watcherOf([off], { detector }), FLAMES, { seconds: 20, fps: 2 }))).toEqual([])
    expect(kinds(await play(watcherOf([FIRE], { detector }), FLAMES, { seconds: 20, fps: 2 }))).toEqual([
      'start',
    ])
  })

  test('a detector that fails names its types, and ends no open event', async () => {
    let state: 'fire' | 'fails' | 'nothing' = 'fire'
    const detector: Detector = {
      ...scriptedDetector(['fire'], () => []),
      detect: async () => {
        if (state === 'fails') throw new SharpEyesError('model_failed', 'the session is gone')
        return state === 'fire' ? [flame] : []
      },
    }
    const watcher = watcherOf([FIRE], { detector })
    const frame = frames(FLAMES, 1_000)
    let step = await watcher.step(frame(0))
    for (let n = 1; n < 8; n++) step = await watcher.step(frame(n))
    state = 'fails'
    for (let n = 8; n < 100; n++) {
      step = await watcher.step(frame(n))
      expect(step.changes).toEqual([])
      expect(step.unavailable).toEqual([{ type: 'fire', reason: 'detector failed: the session is gone' }])
    }
    state = 'nothing'
    const ends = []
    for (let n = 100; n < 120; n++) {
      step = await watcher.step(frame(n))
      ends.push(...step.changes.filter((c) => c.kind === 'end'))
    }
    expect(step.unavailable).toEqual([])
    expect(ends).toHaveLength(1)
    // Ten judged seconds after the detector came back, not after the last flame.
    expect(ends[0]?.event.endedAt).toBeGreaterThanOrEqual(1_700_000_108_000)
  })

  test('a picture that the detector dropped for a newer one is skipped', async () => {
    let n = 0
    const detector = scriptedDetector(['fire'], () => (n++ % 2 === 0 ? [flame] : null))
    const seen = await play(watcherOf([FIRE], { detector }), FLAMES, { seconds: 30, fps: 2 })
    expect(kinds(seen)).toEqual(['start'])
  })
})

describe('attention', () => {
  const moving: DrawnFilm = {
    ...QUIET,
    draw: (c, s) => {
      c.fill([0, 0, 1, 1], [110, 110, 110])
      if (s >= 20 && s < 30) c.fill([(s - 20) / 12, 0.4, (s - 20) / 12 + 0.1, 0.7], [30, 30, 30])
    },
  }
  const levels = async (
    rules: Parameters<typeof watcherOf>[0],
    detector: Detector | null = null,
    film: DrawnFilm = moving,
  ) => {
    const watcher = watcherOf(rules, { detector })
    const frame = frames(film, 1_000)
    const steps: Attention[] = []
    for (let n = 0; n < 60; n++) steps.push((await watcher.step(frame(n))).attention)
    return steps
  }

  test('sentry, full while something changes in a zone, sentry again after quiet', async () => {
    const steps = await levels(
      [{ id: 'lane', type: 'lane_blocked' }],
      scriptedDetector(['car'], () => []),
    )
    expect(steps[10]).toEqual({
      ...{ level: 'sentry', fps: 0, reason: 'nothing changes in any zone' },
      why: { code: 'quiet', facts: {}, rule: null, past: false },
    })
    expect(steps[22]).toEqual({
      ...{ level: 'full', fps: 2, reason: 'the picture: something changed' },
      why: { code: 'picture_changed', facts: {}, rule: null, past: false },
    })
    expect(steps[59]?.level).toBe('sentry')
  })

  test('a hazard on a key frame asks for more pictures until it is an event', async () => {
    const person = (left: number): Detection => ({
      label: 'person',
      score: 0.8,
      box: [left, 0.4, left + 0.1, 0.9],
    })
    const detector = scriptedDetector(['person'], (f) =>
      f.mediaMs >= 9_000 && f.mediaMs < 13_000 ? [person(0.2), person(0.6)] : [],
    )
    const steps = await levels([{ id: 'crowd', type: 'crowding', limit: 1, for: 5_000 }], detector, QUIET)
    expect(steps[8]?.level).toBe('sentry')
    expect(steps.slice(9, 13).find((s) => s.level === 'full')).toMatchObject({
      fps: 2,
      reason: expect.stringMatching(/^crowd: 2 persons/),
    })
    expect(steps[28]?.level).toBe('sentry')
  })

  test('rules that key frames are enough for never ask', async () => {
    const steps = await levels([
      { id: 'c', type: 'camera_covered' },
      { id: 'f', type: 'camera_frozen' },
    ])
    expect(steps.every((s) => s.level === 'sentry')).toBe(true)
  })

  test('without changes the model looks every 2 s for fire and every 10 s for the rest', async () => {
    for (const [rule, least, most] of [
      [FIRE, 28, 32],
      [{ id: 'lane', type: 'lane_blocked' } as const, 5, 8],
    ] as const) {
      let looks = 0
      const detector = scriptedDetector(['fire', 'car'], () => {
        looks++
        return []
      })
      await play(watcherOf([rule], { detector }), QUIET, { seconds: 60, fps: 2 })
      expect(looks).toBeGreaterThanOrEqual(least)
      expect(looks).toBeLessThanOrEqual(most)
    }
  })
})

describe('events', () => {
  const detector = scriptedDetector(['fire', 'smoke'], () => [flame, { ...flame, label: 'smoke' }])

  test('rules are apart, things of one rule and zone are one event, and every event fits the schema', async () => {
    const zones = {
      left: [
        [0, 0],
        [0.5, 0],
        [0.5, 1],
        [0, 1],
      ],
      all: [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
    } as const
    const rules = [
      FIRE,
      { id: 'f2', type: 'fire', zone: 'all' },
      { id: 'f3', type: 'fire', zone: 'left' },
      { id: 's', type: 'smoke' },
    ] as const
    const seen = await play(watcherOf(rules, { detector, zones }), FLAMES, { seconds: 20, fps: 2 })
    const starts = seen
      .filter((s) => s.change.kind === 'start')
      .map((s) => hazardEventSchema.parse(s.change.event))
    expect(starts.map((e) => `${e.rule.id}/${e.zone}`).sort()).toEqual([
      'f2/all',
      'f3/left',
      'fire/null',
      's/null',
    ])
    expect(new Set(starts.map((e) => e.id)).size).toBe(4)
  })

  test('detections inside a privacy polygon are never seen', async () => {
    const privacy = [
      [
        [0.3, 0.3],
        [0.7, 0.3],
        [0.7, 0.7],
        [0.3, 0.7],
      ],
    ] as const
    expect(await play(watcherOf([FIRE], { detector, privacy }), FLAMES, { seconds: 20, fps: 2 })).toEqual([])
  })

  test('adopted events go on, those of rules that are gone end, close ends all', async () => {
    const first = await play(watcherOf([FIRE, { id: 's', type: 'smoke' }], { detector }), FLAMES, {
      seconds: 5,
      fps: 2,
    })
    const events = first.filter((s) => s.change.kind === 'start').map((s) => s.change.event)
    const heir = watcherOf([FIRE], { detector })
    heir.adopt(events)
    const seen = await play(heir, FLAMES, { seconds: 12, fps: 2 })
    expect(seen[0]?.change).toMatchObject({
      kind: 'end',
      event: { type: 'smoke', endReason: 'its rule is no longer configured' },
    })
    expect(new Set(seen.slice(1).map((s) => s.change.event.id))).toEqual(
      new Set(events.filter((e) => e.type === 'fire').map((e) => e.id)),
    )
    const closed = heir.close('the camera was removed', 1_700_000_099_000)
    expect(closed).toMatchObject([
      { kind: 'end', event: { endedAt: 1_700_000_099_000, endReason: 'the camera was removed' } },
    ])
    expect(heir.close('again', 1_700_000_099_500)).toEqual([])
  })

  test('a reconnect whose media time begins anew neither breaks an event nor goes back in time', async () => {
    const watcher = watcherOf([FIRE], { detector })
    const frame = frames(FLAMES, 1_000)
    const changes = []
    for (let n = 0; n < 10; n++) changes.push(...(await watcher.step(frame(n))).changes)
    for (let n = 0; n < 10; n++) {
      const over = { connection: 2, capturedAt: 1_700_000_030_000 + n * 1_000 }
      changes.push(...(await watcher.step(frame(n, over))).changes)
    }
    expect(changes.filter((c) => c.kind !== 'update').map((c) => c.kind)).toEqual(['start'])
    const seenAt = changes.map((c) => c.event.lastSeenAt)
    expect(seenAt).toEqual(seenAt.toSorted((a, b) => a - b))
  })

  test('the line of watch --json', async () => {
    const seen = await play(watcherOf([FIRE], { detector }), FLAMES, { seconds: 5, fps: 2 })
    const start = seen[0]
    if (!start) throw new Error('no start')
    const line = watchLine(start.change, {
      mediaMs: start.at * 1000,
      capturedAt: 1_700_000_000_000 + start.at * 1000,
    })
    expect(Object.keys(line)).toEqual(['t', 'kind', 'id', 'type', 'severity', 'zone', 'score', 'since'])
    expect(line).toMatchObject({
      t: 3,
      kind: 'start',
      type: 'fire',
      severity: 1,
      zone: null,
      score: 0.9,
      since: 0.5,
    })
    const again = await play(watcherOf([FIRE], { detector }), FLAMES, { seconds: 5, fps: 2 })
    expect(again).toEqual(seen)
  })
})
