import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hazardEventSchema } from '../../core/event.ts'
import type { Finding } from '../../inference/rules/rule.ts'
import { createRule } from '../../inference/rules/table.ts'
import { createLifecycle, type EventChange, type Lifecycle } from '../../inference/watch/lifecycle.ts'
import { filmIds } from '../../inference/watch/line.ts'
import { frameOf } from '../footage/drawn.ts'

const MODEL = { id: 'm', family: 'yolox', sha256: 'b'.repeat(64) }

function lifecycleOf(): Lifecycle {
  const rule = createRule({ id: 'fire', type: 'fire', clear: 6_000 }, { zones: {}, privacy: [] })
  if (!rule) throw new Error('fire is built')
  return createLifecycle({ cameraId: 'cam', rule, model: MODEL, newId: filmIds('lifecycle') })
}

const at = (nowMs: number) => ({
  nowMs,
  frame: frameOf(new Uint8Array(3), { width: 1, height: 1, mediaMs: nowMs }),
})
const present = (sinceMs: number, over: Partial<Extract<Finding, { kind: 'present' }>> = {}): Finding => ({
  kind: 'present',
  firm: true,
  sinceMs,
  score: 0.8,
  box: [0.1, 0.1, 0.3, 0.3],
  detections: [{ label: 'fire', score: 0.8, box: [0.1, 0.1, 0.3, 0.3] }],
  measured: { count: 1 },
  reason: 'fire',
  why: { code: 'found', facts: {} },
  ...over,
})
const absent: Finding = { kind: 'absent', reason: 'no fire' }
const unknown: Finding = { kind: 'unknown', reason: 'the detector failed' }

describe('one lasting hazard is one event', () => {
  test('start names rule, version, model, thresholds and times; the end comes after clear', () => {
    const life = lifecycleOf()
    expect(life.step(present(0, { firm: false }), at(1_000))).toBeNull()
    const start = life.step(present(500), at(2_500))
    expect(start?.kind).toBe('start')
    expect(hazardEventSchema.parse(start?.event)).toMatchObject({
      type: 'fire',
      zone: null,
      rule: { id: 'fire', version: 'fire/3' },
      severity: 1,
      since: 1_700_000_000_500,
      startedAt: 1_700_000_002_500,
      model: MODEL,
      thresholds: { score: 0.5, forMs: 2_000, clearMs: 6_000 },
      still: null,
    })
    expect(life.step(absent, at(4_000))).toBeNull()
    expect(life.step(present(500), at(6_000))).toBeNull()
    expect(life.step(absent, at(8_000))).toBeNull()
    expect(life.step(absent, at(11_000))).toBeNull()
    const end = life.step(absent, at(12_500))
    expect(end?.kind).toBe('end')
    expect(end?.event.id).toBe(start?.event.id)
    expect(end?.event.endReason).toMatch(/not seen for/)
    expect(life.open).toBeNull()
  })

  test('what cannot be judged ends nothing, however long it takes', () => {
    const life = lifecycleOf()
    life.step(present(0), at(2_000))
    life.step(absent, at(4_000))
    for (let ms = 6_000; ms < 600_000; ms += 2_000) expect(life.step(unknown, at(ms))).toBeNull()
    expect(life.step(absent, at(600_000))).toBeNull()
    expect(life.step(absent, at(602_000))?.kind).toBe('end')
  })

  test('a camera that was away for a minute was not seen to be quiet', () => {
    const life = lifecycleOf()
    life.step(present(0), at(2_000))
    expect(life.step(absent, at(62_000))).toBeNull()
  })

  test('updates come at 5 s and then more rarely; a change of substance comes at once', () => {
    const life = lifecycleOf()
    const updates: number[] = []
    for (let ms = 0; ms <= 120_000; ms += 500) {
      const surer = ms >= 100_000 ? { score: 0.95 } : {}
      if (life.step(present(0, surer), at(ms))?.kind === 'update') updates.push(ms)
    }
    expect(updates).toEqual([5_000, 15_000, 35_000, 65_000, 95_000, 100_000, 105_000, 115_000])
    expect(life.open?.peakScore).toBe(0.95)
  })

  test('an adopted event goes on under its id', () => {
    const life = lifecycleOf()
    const start = life.step(present(0), at(2_000))
    const heir = lifecycleOf()
    if (!start) throw new Error('no start')
    heir.adopt(start.event)
    const update = heir.step(present(9_000), at(10_000))
    expect(update?.kind).toBe('update')
    expect(update?.event).toMatchObject({ id: start.event.id, since: start.event.since })
    expect(heir.end('the camera was removed', 11_000)?.event.endReason).toBe('the camera was removed')
  })
})

const findings = fc.oneof(
  fc
    .record({
      firm: fc.boolean(),
      score: fc.integer({ min: 0, max: 100 }),
      x: fc.integer({ min: 0, max: 8 }),
    })
    .map(
      ({ firm, score, x }): Finding =>
        present(0, { firm, score: score / 100, box: [x / 10, 0, x / 10 + 0.1, 0.1] }),
    ),
  fc.constant(absent),
  fc.constant(unknown),
  fc.constant<Finding>({ kind: 'void', reason: 'a cut' }),
)

test('property: start before update before end, ids unique, one open at a time, end is terminal', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(findings, fc.integer({ min: 40, max: 20_000 })), { maxLength: 80 }),
      (steps) => {
        const life = lifecycleOf()
        const changes: EventChange[] = []
        let ms = 0
        for (const [finding, dt] of steps) {
          ms += dt
          const change = life.step(finding, at(ms))
          if (change) changes.push(change)
          expect(life.open === null).toBe(changes.length === 0 || changes.at(-1)?.kind === 'end')
        }
        const ended = new Set<string>()
        let open: string | null = null
        for (const { kind, event } of changes) {
          hazardEventSchema.parse(event)
          expect(ended.has(event.id)).toBe(false)
          if (kind === 'start') {
            expect(open).toBeNull()
            open = event.id
          } else expect(event.id).toBe(open)
          expect(event.endedAt !== null).toBe(kind === 'end')
          if (kind === 'end') {
            ended.add(event.id)
            open = null
          }
        }
      },
    ),
  )
})
