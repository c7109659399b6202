import type { RaisedEvent } from '../../core/dry-run.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { EpochMs } from '../../core/units.ts'
import type { EventChange } from '../watch/lifecycle.ts'

/** A rule that raises more never rests, and its list helps nobody. */
const MOST = 5_000

/** Gathers what a rule set raised in [from, to): events that began earlier or later are not its. */
export interface Raised {
  take(changes: readonly EventChange[]): void
  /** In the order of `at`; those that no change ended are open. Throws `too_large` from `take` beyond 5,000. */
  readonly events: readonly RaisedEvent[]
}

const tooMany = ({ rule, startedAt }: EventChange['event']) => {
  const until = new Date(startedAt).toISOString()
  return new SharpEyesError(
    'too_large',
    `rule ${rule.id} and its like raise more than ${MOST} events until ${until}: choose a shorter span, or make the rule less eager`,
    { details: { why: 'many_events', rule: rule.id, most: MOST, until } },
  )
}

export function createRaised(from: EpochMs, to: EpochMs): Raised {
  const events = new Map<string, RaisedEvent>()
  return {
    take(changes) {
      for (const { kind, event } of changes) {
        const known = events.get(event.id)
        if (!known && (kind !== 'start' || event.startedAt < from || event.startedAt >= to)) continue
        if (!known && events.size >= MOST) throw tooMany(event)
        events.set(event.id, {
          rule: event.rule.id,
          type: event.type,
          zone: event.zone,
          severity: event.severity,
          since: event.since,
          at: event.startedAt,
          end: event.endedAt,
          score: event.peakScore,
          box: known ? known.box : event.box,
        })
      }
    },
    get events() {
      return [...events.values()].sort((a, b) => a.at - b.at)
    },
  }
}
