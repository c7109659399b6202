import { describe, expect, it } from 'vitest'
import { WANTED_S } from '../../../dashboard-api/dry-runs/rows.ts'
import { parseBegun } from '../../../dashboard-api/web/src/rules/dry-run/begun.ts'
import {
  coveredShare,
  gapsOf,
  markOf,
  type RuleRow,
  reachedAt,
  totalsOf,
} from '../../../dashboard-api/web/src/rules/dry-run/figures.ts'
import { dryRunWords as en } from '../../../dashboard-api/web/src/words/en/dry-run.ts'
import { dryRunWords as zh } from '../../../dashboard-api/web/src/words/zh/dry-run.ts'

const side = (events: number | null) => ({
  ...{ zone: null, events, weakerThanLog: false, seenOnce: false },
  reason: events === null ? ('no_recording' as const) : null,
  source: 'recording' as const,
  unjudgedS: 0,
})
const row = (more: Partial<RuleRow>): RuleRow => ({
  ...{ rule: 'a', type: 'fire', candidate: side(0), inForce: side(0), added: 0, gone: 0 },
  ...more,
})

describe('figures of a dry run', () => {
  it('sum what was judged; what was not is unknown and no zero', () => {
    const rows = [
      row({ candidate: side(9), inForce: side(31), gone: 22 }),
      row({ candidate: side(null), inForce: side(null) }),
      row({ candidate: side(2), inForce: null, added: 2 }),
    ]
    expect(totalsOf(rows)).toEqual({ candidate: 11, inForce: 31, added: 2, gone: 22 })
    expect(totalsOf([row({ candidate: side(null), inForce: null })])).toMatchObject({
      candidate: null,
      inForce: null,
    })
  })

  it('know a draft again whatever the order of its zones, and not another', () => {
    const [a, b] = [[[0, 0]], [[1, 1]]] as const
    const rules = [{ id: 'x', type: 'fire' }]
    expect(markOf({ zones: { a, b }, rules })).toBe(markOf({ zones: { b, a }, rules }))
    expect(markOf({ zones: { a, b }, rules })).not.toBe(markOf({ zones: { a }, rules }))
    expect(markOf({ zones: {}, rules })).not.toBe(markOf({ zones: {}, rules: [{ id: 'x', type: 'smoke' }] }))
  })

  it('say how much of the span the log covers', () => {
    const at = (minute: number) => new Date(minute * 60_000).toISOString()
    const span = { from: at(0), to: at(60) }
    expect(coveredShare(span, [])).toBe(0)
    expect(coveredShare(span, [{ from: at(0), to: at(15) }, { from: at(30), to: at(45) }])).toBe(0.5) // biome-ignore format: one shape
  })
})

it('what no stretch covers is a gap, at the edges too; a picture every few seconds leaves none', () => {
  const at = (s: number) => new Date(1_700_000_000_000 + s * 1_000).toISOString()
  const span = { from: at(0), to: at(100) }
  const gaps = (...stretches: [number, number][]) =>
    gapsOf(
      span,
      stretches.map(([from, to]) => ({ from: at(from), to: at(to) })),
    ).map(({ from, to }) => [(from - Date.parse(at(0))) / 1_000, (to - Date.parse(at(0))) / 1_000])
  expect(gaps()).toEqual([[0, 100]])
  expect(gaps([2, 98])).toEqual([])
  expect(gaps([60, 97], [20, 50], [30, 40])).toEqual([[0, 20], [50, 60]]) // biome-ignore format: one shape
  expect(reachedAt(span, 0.25)).toBe(Date.parse(at(25)))
})

describe('a dry run that was begun before the page was opened', () => {
  const begun = { id: 'x', minutes: 360, mark: 'm', zones: { lane: [[0, 0], [1, 0], [1, 1]] } } // biome-ignore format: one shape
  it('is known again, and nothing else is', () => {
    expect(parseBegun(JSON.stringify(begun))).toEqual(begun)
    const others = [
      ...['', '{', '7', '[]', 'null'],
      ...(['id', 'minutes', 'mark', 'zones'] as const).map((key) =>
        JSON.stringify({ ...begun, [key]: null }),
      ),
      JSON.stringify({ ...begun, zones: { lane: ['no point'] } }),
      JSON.stringify({ ...begun, minutes: 1.5 }),
    ]
    expect(others.map(parseBegun)).toEqual(others.map(() => null))
    expect(parseBegun(null)).toBeNull()
  })

  it('goes on for as long without a page as the page says', () => {
    expect(zh.dryRun.stay).toContain(` ${WANTED_S / 60} 分钟`)
    expect(en.dryRun.stay).toContain(` ${WANTED_S / 60} minutes`)
  })
})
