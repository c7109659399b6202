import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  compareEvents,
  type DryRunFindings,
  joinFindings,
  type NotReplayed,
  type RaisedEvent,
} from '../../core/dry-run.ts'

const raised = (since: number, end: number | null, more: Partial<RaisedEvent> = {}): RaisedEvent => ({
  ...{ rule: 'lane', type: 'lane_blocked', zone: 'lane', severity: 2, score: 0.8, box: null },
  ...{ since, at: since + 5, end },
  ...more,
})
const sides = (inForce: readonly RaisedEvent[], candidate: readonly RaisedEvent[]) =>
  compareEvents(inForce, candidate).map(({ side, event }) => [side, event.since])

describe('two rule sets side by side', () => {
  test('what overlaps in time is one matter, the rest came or went', () => {
    const inForce = [raised(0, 20), raised(100, 120), raised(300, null)]
    const candidate = [raised(10, 30), raised(200, 210), raised(900, null)]
    expect(sides(inForce, candidate)).toEqual([
      ...[['both', 10], ['gone', 100], ['added', 200], ['both', 900]], // biome-ignore format: one shape
    ])
  })

  test('a rule under another name is the same where type and zone are; another zone or type is not', () => {
    const before = [raised(0, 20)]
    expect(sides(before, [raised(0, 20, { rule: 'renamed' })])).toEqual([['both', 0]])
    expect(sides(before, [raised(0, 20, { zone: 'other' })])).toEqual([['both', 0]])
    expect(sides(before, [raised(1, 20, { rule: 'renamed', zone: 'other' })])).toEqual([
      ...[['gone', 0], ['added', 1]], // biome-ignore format: one shape
    ])
    expect(sides(before, [raised(1, 20, { type: 'fire' })])).toEqual([['gone', 0], ['added', 1]]) // biome-ignore format: one shape
  })

  test('property: each event is there once, and a set beside itself has no difference', () => {
    const event = fc
      .tuple(fc.nat(1_000), fc.nat(100), fc.constantFrom('a', 'b'))
      .map(([since, length, rule]) => raised(since, since + length, { rule }))
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.array(event, { maxLength: 12 }), (a, b) => {
        const compared = compareEvents(a, b)
        const count = (side: string) => compared.filter((one) => one.side === side).length
        expect(count('both') + count('added')).toBe(b.length)
        expect(count('both') + count('gone')).toBe(a.length)
        expect(compareEvents(a, [...a]).every(({ side }) => side === 'both')).toBe(true)
      }),
    )
  })
})

test('where no worker judged, too much recording at one says more than none at the other', () => {
  const findings = (notReplayed: NotReplayed): DryRunFindings => {
    const rule = {
      rule: 'a',
      type: 'plume' as const,
      zone: null,
      notReplayed,
      weakerThanLog: false,
      seenOnce: false,
    }
    const side = { rules: [{ ...rule, source: 'recording' as const, unjudgedMs: 0 }], events: [] }
    const log = { pictures: 0, looks: 0, lost: 0, scoreFrom: null, stretches: [] }
    return { inForce: side, candidate: side, log, recording: null, away: [] }
  }
  for (const order of [['no_recording', 'too_long'], ['too_long', 'no_recording']] as const) // biome-ignore format: one shape
    expect(joinFindings(order.map(findings), []).candidate.rules).toEqual([
      expect.objectContaining({ notReplayed: 'too_long' }),
    ])
})

test('answers of two workers are one: a rule that one of them judged was judged', () => {
  const findings = (notReplayed: 'no_log' | null, at: number): DryRunFindings => {
    const rules = [
      {
        ...{
          rule: 'a',
          type: 'fire' as const,
          zone: null,
          notReplayed,
          weakerThanLog: false,
          seenOnce: at === 4,
        },
        ...{ source: 'recording' as const, unjudgedMs: notReplayed ? 0 : 500 },
      },
    ]
    const recording = notReplayed
      ? null
      : { pictures: 2, damaged: 1, stretches: [{ from: at, to: at + 1 }], speed: at, longestMs: 100 + at }
    const side = { rules, events: notReplayed ? [] : [raised(at, at + 1)] }
    const log = { pictures: 3, looks: 2, lost: 1, scoreFrom: notReplayed ? null : 0.1, stretches: [] }
    return { inForce: side, candidate: side, log, recording, away: [] }
  }
  const joined = joinFindings([findings('no_log', 0), findings(null, 9), findings(null, 4)], ['x'])
  expect(joined.candidate.rules).toEqual([expect.objectContaining({ notReplayed: null, seenOnce: true })])
  expect(joined.candidate.events.map(({ since }) => since)).toEqual([4, 9])
  expect(joined.log).toMatchObject({ pictures: 9, looks: 6, lost: 3, scoreFrom: 0.1 })
  expect(joined.candidate.rules[0]?.unjudgedMs).toBe(1_000)
  expect(joined.recording).toEqual({
    ...{ pictures: 4, damaged: 2, speed: 4, longestMs: 104 },
    stretches: [{ from: 4, to: 5 }, { from: 9, to: 10 }], // biome-ignore format: one shape
  })
  expect(joined.away).toEqual(['x'])
})
