import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { correlate, type Matter } from '../../core/correlation.ts'
import type { HazardMessage } from '../../core/event.ts'
import { decideMessage } from '../../core/event-order.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'

describe('decideMessage', () => {
  const stored = { epoch: 3, seq: 5, ended: false }
  test.each([
    ['an unknown event is taken as it is', null, { epoch: 1, seq: 9 }, 'applied'],
    ['a later message of the holder', stored, { epoch: 3, seq: 6 }, 'applied'],
    ['the same message', stored, { epoch: 3, seq: 5 }, 'stale'],
    ['an earlier message', stored, { epoch: 3, seq: 4 }, 'stale'],
    ['the first message of a new holder', stored, { epoch: 4, seq: 1 }, 'applied'],
    ['a late message of the old holder, however high its seq', stored, { epoch: 2, seq: 99 }, 'recorded'],
    ['anything after the end', { ...stored, ended: true }, { epoch: 9, seq: 9 }, 'ended'],
  ] as const)('%s', (_, state, message, outcome) => {
    expect(decideMessage(state, message)).toBe(outcome)
  })
})

const EMPTY: Matter = { alert: null, events: new Map() }

function take(messages: readonly HazardMessage[]) {
  let next = 0
  let matter = EMPTY
  const steps: string[] = []
  const alerts = new Map()
  for (const message of messages) {
    const result = correlate(matter, message, () => `alert-${++next}`)
    matter = result.matter
    if (result.alert) alerts.set(result.alert.id, result.alert)
    steps.push(...result.steps)
  }
  return { matter, steps, alerts: [...alerts.values()] }
}

/** One event's life: holders one after the other, the last of which may end it. */
const life = fc
  .record({
    counts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
    ends: fc.boolean(),
  })
  .map(({ counts, ends }) => {
    const event = hazardEvent({ id: '0197a000-0000-7000-8000-000000000001' })
    let at = 0
    return counts.flatMap((count, index) =>
      Array.from({ length: count }, (_, nth) => {
        at += 1_000
        const last = ends && index === counts.length - 1 && nth === count - 1
        const kind = last ? 'end' : at === 1_000 ? 'start' : 'update'
        return hazardMessage(event, { kind, epoch: index + 1, seq: nth + 1, at })
      }),
    )
  })

describe('one event', () => {
  test('any order, repetition and gaps lead to the same state as the order of publishing', () => {
    fc.assert(
      fc.property(
        life.chain((messages) =>
          fc.record({
            messages: fc.constant(messages),
            // The last message must arrive; of the others any, any number of times.
            arrivals: fc.array(fc.nat(messages.length - 1), { maxLength: 20 }).chain((picks) =>
              fc.shuffledSubarray(
                [...picks, messages.length - 1].map((pick, slot) => [pick, slot] as const),
                {
                  minLength: picks.length + 1,
                },
              ),
            ),
          }),
        ),
        ({ messages, arrivals }) => {
          const expected = take(messages)
          const got = take(arrivals.flatMap(([pick]) => messages[pick] ?? []))
          expect(got.matter).toEqual(expected.matter)
          expect(got.alerts).toEqual(expected.alerts)
          expect(got.steps.filter((step) => step === 'opened')).toHaveLength(1)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('two events of one matter', () => {
  const first = hazardEvent()
  const second = hazardEvent({ startedAt: first.startedAt + 60_000 })
  const of = (event: typeof first, kind: 'start' | 'update' | 'end', seq: number) =>
    hazardMessage(event, { kind, seq })

  test('the second joins the open alert and is shown', () => {
    const { alerts, steps } = take([of(first, 'start', 1), of(second, 'start', 1)])
    expect(steps).toEqual(['opened', 'recurred'])
    expect(alerts).toHaveLength(1)
    expect(alerts[0]).toMatchObject({ occurrences: 2, state: 'firing', shown: { id: second.id } })
  })

  test('the alert fires until both have ended, and shows the one that is left', () => {
    const left = [of(first, 'start', 1), of(second, 'start', 1), of(second, 'end', 2), of(first, 'update', 2)]
    expect(take(left).alerts[0]).toMatchObject({ state: 'firing', shown: { id: first.id } })
    const done = take([...left, of(first, 'end', 3)])
    expect(done.alerts[0]).toMatchObject({ state: 'resolved', occurrences: 2 })
    expect(done.steps.at(-1)).toBe('resolved')
  })

  test('after the alert is resolved the next event opens a new one', () => {
    const { alerts } = take([of(first, 'start', 1), of(first, 'end', 2), of(second, 'start', 1)])
    expect(alerts.map((alert) => [alert.id, alert.state])).toEqual([
      ['alert-1', 'resolved'],
      ['alert-2', 'firing'],
    ])
  })

  test('the late end of an unknown event does not take the picture of the open one', () => {
    const { alerts } = take([of(second, 'start', 1), of(first, 'end', 2)])
    expect(alerts[0]).toMatchObject({ occurrences: 2, state: 'firing', shown: { id: second.id } })
  })

  test('an end of an unknown event opens and resolves', () => {
    const { alerts, steps, matter } = take([of(first, 'end', 7)])
    expect(steps).toEqual(['opened', 'resolved'])
    expect(alerts[0]).toMatchObject({ state: 'resolved', resolvedAt: first.startedAt + 7_000 })
    expect(matter.alert).toBeNull()
  })
})
