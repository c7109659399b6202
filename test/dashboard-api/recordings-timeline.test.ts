import { describe, expect, it } from 'vitest'
import { type Coverage, describeRecordings, joined } from '../../dashboard-api/recordings/timeline.ts'

const S = 1_000
const NOW = 1_000 * S
const coverage = (from: number, to: number, more: Partial<Coverage> = {}): Coverage => ({
  ...{ from: from * S, to: to * S, worker: 'w1', state: 'online', unavailable: [] },
  ...more,
})
const stretch = (from: number, to: number) => ({ connection: from, from: from * S, to: to * S })
const describeIn = (
  from: number,
  to: number,
  more: { stretches?: ReturnType<typeof stretch>[]; coverage?: Coverage[]; away?: string[]; keptMs?: number },
) => {
  const found = describeRecordings(
    { from: from * S, to: to * S },
    {
      ...{ now: NOW, keptMs: more.keptMs ?? NOW, coverage: more.coverage ?? [] },
      ranges: { stretches: more.stretches ?? [], away: more.away ?? [] },
    },
  )
  return {
    recorded: found.recorded.map(({ from, to }) => [from / S, to / S]),
    analysed: found.analysed.map(({ from, to, unavailable }) => [from / S, to / S, ...unavailable]),
    gaps: found.gaps.map(({ from, to, cause, worker }) => [
      from / S,
      to / S,
      worker ? `${cause} ${worker}` : cause,
    ]),
  }
}

describe('what was recorded, and why nothing was', () => {
  it('tells every second of a span that is over either way', () => {
    const found = describeIn(100, 500, {
      keptMs: 850 * S, // older than second 150 is removed
      stretches: [stretch(200, 260), stretch(300, 400)],
      coverage: [
        coverage(90, 262),
        coverage(262, 290, { state: 'offline' }),
        coverage(290, 440),
        coverage(460, 600, { worker: 'w2' }),
      ],
      away: ['w2'],
    })
    expect(found.recorded).toEqual([
      [200, 260],
      [300, 400],
    ])
    expect(found.gaps).toEqual([
      [100, 150, 'expired'],
      [150, 200, 'lost'],
      [260, 262, 'lost'],
      [262, 290, 'offline'],
      [290, 300, 'lost'],
      [400, 440, 'lost'],
      [440, 460, 'unassigned'],
      [460, 500, 'away w2'],
    ])
  })
  it('calls the seconds before now no gap: they are not in a file yet', () => {
    expect(
      describeIn(900, 1_000, { stretches: [stretch(900, 996)], coverage: [coverage(900, 995)] }).gaps,
    ).toEqual([])
    expect(
      describeIn(900, 1_000, { stretches: [stretch(900, 990)], coverage: [coverage(900, 995)] }).gaps,
    ).toEqual([[990, 1_000, 'lost']])
  })
  it('has analysed what was online, apart where something else was not watched', () => {
    const found = describeIn(0, 100, {
      coverage: [
        coverage(0, 20),
        coverage(20, 40),
        coverage(40, 60, { unavailable: ['fire'] }),
        coverage(60, 80, { state: 'stalled' }),
      ],
    })
    expect(found.analysed).toEqual([
      [0, 40],
      [40, 60, 'fire'],
    ])
  })
  it('is one cause where nothing is known at all', () => {
    expect(describeIn(0, 100, {}).gaps).toEqual([[0, 100, 'unassigned']])
  })
})

it('joins spans that touch, whatever order they come in', () => {
  expect(joined([stretch(3, 4), stretch(0, 2), stretch(2, 3)].map(({ from, to }) => ({ from, to })))).toEqual(
    [{ from: 0, to: 4 * S }],
  )
})
