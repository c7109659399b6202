import { SharpEyesError, unreachable } from '../errors.ts'
import type { CaseEvent, CaseEventOf } from './event.ts'
import type { CaseClock, CaseFacts } from './state.ts'
import type { CaseClockKind, ClockTime } from './words.ts'

/**
 * One entry of the log on top of a snapshot. Total over every log that `decide` wrote; a log that begins with anything
 * but its filing throws `internal`.
 */
export function evolve(facts: CaseFacts | null, event: CaseEvent): CaseFacts {
  if (event.kind === 'file') return filed(event)
  if (!facts)
    throw new SharpEyesError('internal', `a case log begins with "${event.kind}" and not with "file"`)
  const next = apply(facts, event)
  return next === facts ? facts : { ...next, state: event.to ?? next.state }
}

/** Entries on top of a snapshot, or, from null, the snapshot of a whole log. */
export function evolveAll(before: CaseFacts | null, events: readonly CaseEvent[]): CaseFacts {
  const after = events.reduce(evolve, before)
  if (!after) throw new SharpEyesError('internal', 'a case log is empty')
  return after
}

export const replay = (log: readonly CaseEvent[]): CaseFacts => evolveAll(null, log)

function filed({ at, actor, data }: CaseEventOf<'file'>): CaseFacts {
  const { confirmedByFiling: _, ...facts } = data
  return {
    ...facts,
    state: 'pending_dispatch',
    version: 1,
    lead: null,
    assist: [],
    handler: null,
    handlers: [],
    filedBy: actor.name,
    filedAt: at,
    clock: null,
    clockRounds: 0,
    handleLeftMs: null,
    request: null,
    reportedAt: null,
    passedAt: null,
    reworkCount: 0,
    extensionCount: 0,
    closedAt: null,
  }
}

function apply(facts: CaseFacts, event: Exclude<CaseEvent, { kind: 'file' }>): CaseFacts {
  const { at } = event
  const moved: CaseFacts = { ...facts, version: facts.version + 1 }
  const start: StartClock = (kind, dueAt, { due, time = 'calendar' } = {}) => ({
    clock: {
      kind,
      round: facts.clockRounds + 1,
      startedAt: at,
      dueAt: due === undefined ? dueAt : Date.parse(due),
      time,
    },
    clockRounds: facts.clockRounds + 1,
  })
  switch (event.kind) {
    case 'dispatch':
      return {
        ...moved,
        lead: event.data.lead,
        assist: event.data.assist,
        ...start('accept', at + facts.limits.accept, event.data),
      }
    case 'accept':
      return {
        ...moved,
        handlers: withHandler(facts, event.actor.name),
        ...start('handle', at + facts.limits.handle, event.data),
      }
    case 'report':
      return {
        ...moved,
        handler: event.actor.name,
        handlers: withHandler(facts, event.actor.name),
        reportedAt: at,
        passedAt: null,
        ...start('check', at + facts.limits.check, event.data),
      }
    case 'verify':
      return event.data.passed
        ? { ...moved, passedAt: at, clock: null }
        : { ...moved, ...start('handle', at + facts.limits.handle, event.data) }
    case 'rework':
      return { ...facts, reworkCount: event.data.count }
    case 'close':
      return { ...moved, closedAt: at, clock: null }
    case 'return':
      return {
        ...moved,
        request: { kind: 'return', from: facts.state === 'pending_accept' ? 'pending_accept' : 'handling' },
      }
    case 'extend':
      return { ...moved, request: { kind: 'extend', until: Date.parse(event.data.until) } }
    case 'decide':
      return decided(facts, moved, event, start)
    case 'suspend':
      return {
        ...moved,
        handleLeftMs: event.data.leftMs ?? Math.max(0, (facts.clock?.dueAt ?? at) - at),
        ...start('review', Date.parse(event.data.until)),
      }
    case 'resume':
      return { ...moved, handleLeftMs: null, ...start('handle', at + (facts.handleLeftMs ?? 0), event.data) }
    case 'void':
      return { ...moved, request: null, handleLeftMs: null, clock: null }
    case 'reopen':
      return { ...moved, ...UNDISPATCHED, closedAt: null }
    case 'attachment':
    case 'remark':
    case 'reminder':
    case 'overdue':
    case 'notified':
    case 'notify_failed':
    case 'notify_retry':
    case 'unreachable':
    case 'alert_resolved':
    case 'hold':
    case 'hold_released':
    case 'exported':
      return facts
    default:
      return unreachable(event)
  }
}

/** `dueAt` is what holds where the entry has written no deadline down. */
type StartClock = (
  kind: CaseClockKind,
  dueAt: number,
  written?: { readonly due?: string | undefined; readonly time?: ClockTime | undefined },
) => { clock: CaseClock; clockRounds: number }

function decided(
  facts: CaseFacts,
  moved: CaseFacts,
  event: CaseEventOf<'decide'>,
  start: StartClock,
): CaseFacts {
  const answered: CaseFacts = { ...moved, request: null }
  // Refused: back to where it came from, and the clock has run on.
  if (!event.data.granted || !facts.request) return answered
  if (facts.request.kind === 'return') return { ...answered, ...UNDISPATCHED }
  return {
    ...answered,
    extensionCount: facts.extensionCount + 1,
    ...start('handle', facts.request.until, event.data),
  }
}

/** Nobody's again: a returned or reopened case waits for an operator to dispatch it. */
const UNDISPATCHED = {
  lead: null,
  assist: [],
  handler: null,
  request: null,
  handleLeftMs: null,
  reportedAt: null,
  passedAt: null,
  clock: null,
} as const

const withHandler = (facts: CaseFacts, name: string): readonly string[] =>
  facts.handlers.includes(name) ? facts.handlers : [...facts.handlers, name]
