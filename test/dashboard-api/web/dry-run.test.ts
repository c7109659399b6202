import { describe, expect, it } from 'vitest'
import {
  coveredShare,
  markOf,
  type RuleRow,
  totalsOf,
} from '../../../dashboard-api/web/src/rules/dry-run/figures.ts'

const side = (events: number | null) => ({
  ...{ zone: null, events, weakerThanLog: false },
  reason: events === null ? ('pixels' as const) : null,
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
