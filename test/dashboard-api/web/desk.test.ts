import { describe, expect, it } from 'vitest'
import { UNDO_MS } from '../../../core/alert.ts'
import { createAlarms } from '../../../dashboard-api/web/src/desk/alarms.ts'
import { secondsLeft } from '../../../dashboard-api/web/src/desk/last-verdict.ts'

const change = (key: string, payload: Record<string, unknown>) => ({
  topic: 'alert' as const,
  key,
  payload: {
    kind: 'opened',
    severity: 1,
    state: 'firing',
    verdict: null,
    acknowledgedBy: null,
    suppressedBy: null,
    camera: 'c',
    type: 'fire',
    ...payload,
  },
})

describe('what sounds', () => {
  it('is a new alert: severity 1 two tones, 2 one, 3 and 4 none', () => {
    const alarms = createAlarms()
    expect([1, 2, 3, 4].map((severity) => alarms.hear(change(`a${severity}`, { severity }), false))).toEqual([
      'urgent',
      'high',
      null,
      null,
    ])
    expect(alarms.hear(change('b', { kind: 'updated' }), false)).toBeNull()
    expect(alarms.hear(change('c', { suppressedBy: 'maintenance' }), false)).toBeNull()
    expect(alarms.hear({ ...change('d', {}), topic: 'case' }, false)).toBeNull()
  })

  it('severity 1 rings on until somebody acknowledges or judges it, also when the hazard is gone', () => {
    const alarms = createAlarms()
    alarms.hear(change('a', {}), false)
    alarms.hear(change('b', {}), false)
    alarms.hear(change('a', { kind: 'resolved', state: 'resolved' }), false)
    expect(alarms.ringing()).toEqual(['a', 'b'])
    expect(alarms.hear(change('a', { kind: 'acknowledged', acknowledgedBy: 'li' }), false)).toBeNull()
    alarms.hear(change('b', { kind: 'verdict', verdict: 'rejected' }), false)
    expect(alarms.ringing()).toEqual([])
  })

  it('in a flood once for each place and type; every severity 1 still rings on', () => {
    const alarms = createAlarms()
    const tones = ['a', 'b', 'c'].map((key) => alarms.hear(change(key, {}), true))
    expect(tones).toEqual(['urgent', null, null])
    expect(alarms.hear(change('d', { type: 'smoke', severity: 2 }), true)).toBe('high')
    expect(alarms.ringing()).toEqual(['a', 'b', 'c'])
    expect(alarms.hear(change('e', {}), false)).toBe('urgent')
  })

  it('an alert that a sensor raises to severity 1 is as new as one that opens', () => {
    const alarms = createAlarms()
    expect(alarms.hear(change('a', { severity: 2 }), false)).toBe('high')
    expect(alarms.hear(change('a', { kind: 'agreed', severity: 1 }), false)).toBe('urgent')
    expect(alarms.hear(change('a', { kind: 'agreed', severity: 1 }), false)).toBeNull()
  })

  it('is bounded, and remembers what rang before the page was opened anew', () => {
    const alarms = createAlarms()
    for (let i = 0; i < 200; i++) alarms.hear(change(`${i}`, { camera: `${i}` }), false)
    expect(alarms.ringing()).toHaveLength(50)
    expect(alarms.ringing()).toContain('199')
    const anew = createAlarms()
    anew.restore(['x'])
    expect(anew.ringing()).toEqual(['x'])
  })
})

describe('the undo bar', () => {
  it('counts whole seconds down to none', () => {
    const act = {
      kind: 'verdict',
      alerts: ['a'],
      verdict: 'confirmed',
      at: 1_000,
      saved: Promise.resolve(),
    } as const
    expect(secondsLeft(act, 400)).toBe(10)
    expect(secondsLeft(act, 1_000)).toBe(10)
    expect(secondsLeft(act, 1_000 + UNDO_MS - 1)).toBe(1)
    expect(secondsLeft(act, 1_000 + UNDO_MS)).toBe(0)
  })
})
