import { type Actor, hasRole } from '../actor.ts'
import { invalidBy, invalidFaults } from '../api/invalid.ts'
import { SharpEyesError, unreachable } from '../errors.ts'
import type { EpochMs } from '../units.ts'
import { deadline, dueIn, leftUntil, timeOf } from './clocks.ts'
import { type AttachmentFacts, checkExtension, verifyBasis } from './closing.ts'
import { type CaseCommand, caseCommandSchema, type RawInput } from './command.ts'
import type { CaseEvent, CaseEventActor } from './event.ts'
import type { Recheck } from './recheck.ts'
import { EDGES, isCommandKind, MOVE_REFUSALS, rightsRefusal, roleOf, seesCase } from './rights.ts'
import type { CaseFacts } from './state.ts'
import { CASE_COMMANDS, type CaseCommandKind, type CaseState } from './words.ts'
import type { WorkSchedule } from './working-time.ts'

/** What content is checked against, read under the case's lock. */
export interface DecideContext {
  /** Ids of the departments configured now. */
  readonly departments: ReadonlySet<string>
  /** Pictures uploaded to this case, by id. */
  readonly attachments: ReadonlyMap<string, AttachmentFacts>
  /** What the machine saw since the report, read for a verification; null: nothing. */
  readonly recheck: Recheck | null
  /** When the city works: for clocks that run in working time. */
  readonly schedule: WorkSchedule
  /** Route that dispatches, for the log; absent: a person does. */
  readonly route?: string | undefined
}

export type Decision =
  | { readonly kind: 'accepted'; readonly events: readonly CaseEvent[] }
  | { readonly kind: 'refused'; readonly error: SharpEyesError }

/**
 * What a command does to a case: log entries, or the one reason why not. Checks in this order: rights (another
 * department's case is `not_found`, else `forbidden`), version (`version_conflict`), state (`state_conflict`; both with
 * the current state in `details`), content (`invalid`). Pure and total over any input.
 */
export function decide(
  facts: CaseFacts,
  command: CaseCommand | RawInput,
  actor: Actor,
  now: EpochMs,
  context: DecideContext,
): Decision {
  try {
    return { kind: 'accepted', events: decideOrThrow(facts, command, actor, now, context) }
  } catch (error) {
    if (error instanceof SharpEyesError) return { kind: 'refused', error }
    throw error
  }
}

function decideOrThrow(
  facts: CaseFacts,
  input: CaseCommand | RawInput,
  actor: Actor,
  now: EpochMs,
  context: DecideContext,
): readonly CaseEvent[] {
  if (!seesCase(actor, facts)) throw noSuchCase(facts.no)
  const { kind, version } = input
  if (!isCommandKind(kind)) {
    throw new SharpEyesError('invalid', `kind: "${String(kind)}" is none of ${CASE_COMMANDS.join(', ')}`)
  }
  const refusal = rightsRefusal(facts, kind, actor)
  if (refusal) {
    throw new SharpEyesError('forbidden', `${kind} on case ${facts.no}: ${MOVE_REFUSALS[refusal].en}`, {
      details: { reason: refusal },
    })
  }
  const current = { state: facts.state, version: facts.version }
  if (typeof version === 'number' && version !== facts.version) {
    throw new SharpEyesError(
      'version_conflict',
      `case ${facts.no} is at version ${facts.version} (${facts.state}), the command is for version ${version}: read it again`,
      { details: current },
    )
  }
  if (!EDGES[kind].from.includes(facts.state)) {
    throw new SharpEyesError(
      'state_conflict',
      `${kind} on case ${facts.no}: its state is ${facts.state}; allowed from ${EDGES[kind].from.join(', ')}`,
      { details: { why: 'case_state', ...current } },
    )
  }
  const command = parse(input)
  return events(facts, command, now, context, actorOf(kind, actor))
}

export const noSuchCase = (no: string): SharpEyesError =>
  new SharpEyesError('not_found', `there is no case ${no}`)

function parse(input: CaseCommand | RawInput): CaseCommand {
  if (isUnstorable(input)) throw unstorable()
  const parsed = caseCommandSchema.safeParse(input)
  if (parsed.success) return parsed.data
  throw invalidBy(parsed.error, 'command')
}

/** What PostgreSQL cannot store in a text: NUL and half of a surrogate pair, as JSON escapes them. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/
export const isUnstorable = (input: RawInput): boolean => UNSTORABLE.test(JSON.stringify(input))
export const unstorable = (): SharpEyesError => {
  const message = 'a text has a NUL or a broken character; remove it'
  return invalidFaults(message, [{ path: '', message, rule: 'broken_text', values: {} }])
}

function events(
  facts: CaseFacts,
  command: CaseCommand,
  now: EpochMs,
  context: DecideContext,
  actor: CaseEventActor,
): readonly CaseEvent[] {
  const to = (state: CaseState, reason: string | null = null) => ({
    at: now,
    actor,
    from: facts.state,
    to: state,
    reason,
  })
  const time = timeOf(facts.limits, facts.severity)
  const iso = (at: EpochMs) => new Date(at).toISOString()
  const due = (kind: 'accept' | 'handle' | 'check') => ({
    due: iso(deadline(facts.limits[kind], time, now, context.schedule)),
    time,
  })
  switch (command.kind) {
    case 'dispatch': {
      const { department } = command
      const assist = [...new Set(command.assist)].filter((id) => id !== department)
      for (const id of [department, ...assist]) knownDepartment(id, context)
      const data = { lead: department, assist, route: context.route ?? null, ...due('accept') }
      return [{ ...to('pending_accept'), kind: 'dispatch', data }]
    }
    case 'accept':
      return [{ ...to('handling'), kind: 'accept', data: due('handle') }]
    case 'report':
      knownAttachments(command.attachments, context)
      return [
        {
          ...to('pending_check'),
          kind: 'report',
          data: { note: command.note, attachments: command.attachments, ...due('check') },
        },
      ]
    case 'verify': {
      const { passed, note, attachments } = command
      knownAttachments(attachments, context)
      const data = { passed, note, attachments }
      if (passed) {
        const { recheck } = context
        const basis = verifyBasis(facts, attachments, { ...context, by: actor.name })
        const ground = basis === 'recheck' && recheck ? { basis, watchedMs: recheck.watchedMs } : { basis }
        return [{ ...to('pending_close'), kind: 'verify', data: { ...data, ...ground } }]
      }
      return [
        { ...to('handling'), kind: 'verify', data: { ...data, ...due('handle') } },
        {
          ...to('handling'),
          from: 'handling',
          kind: 'rework',
          data: { count: facts.reworkCount + 1 },
        },
      ]
    }
    case 'close':
      if (facts.passedAt === null) {
        throw new SharpEyesError('state_conflict', `case ${facts.no} has no passed verification`, {
          details: { why: 'not_verified', state: facts.state, version: facts.version },
        })
      }
      return [{ ...to('closed', command.reason), kind: 'close', data: {} }]
    case 'return':
      return [{ ...to('return_requested', command.reason), kind: 'return', data: {} }]
    case 'extend': {
      const { attachments } = command
      knownAttachments(attachments, context)
      checkExtension(facts, attachments)
      const until = laterThan(command.until, Math.max(now, facts.clock?.dueAt ?? now), 'the present deadline')
      return [{ ...to('extension_requested', command.reason), kind: 'extend', data: { until, attachments } }]
    }
    case 'decide': {
      const { granted, reason } = command
      const asked = facts.request?.kind === 'return' ? 'return' : 'extend'
      // What was asked for is a time of a person's choice; a working-time clock ends when somebody is there.
      const moved =
        granted && facts.request?.kind === 'extend'
          ? {
              due: iso(
                time === 'working'
                  ? dueIn(0, time, facts.request.until, context.schedule)
                  : facts.request.until,
              ),
              time,
            }
          : {}
      return [{ ...to(answered(facts, granted), reason), kind: 'decide', data: { asked, granted, ...moved } }]
    }
    case 'suspend': {
      const until = laterThan(command.until, now, 'now')
      const clock = facts.clock
      const left = clock ? leftUntil(clock.dueAt, clock.time ?? 'calendar', now, context.schedule) : 0
      const data = { until, leftMs: Math.max(0, Math.floor(left)) }
      return [{ ...to('suspended', command.reason), kind: 'suspend', data }]
    }
    case 'resume':
      return [
        {
          ...to('handling', command.reason ?? null),
          kind: 'resume',
          data: { due: iso(dueIn(facts.handleLeftMs ?? 0, time, now, context.schedule)), time },
        },
      ]
    case 'void':
      return [{ ...to('voided', command.reason), kind: 'void', data: {} }]
    case 'reopen':
      return [{ ...to('pending_dispatch', command.reason), kind: 'reopen', data: {} }]
    default:
      return unreachable(command)
  }
}

function answered({ request }: CaseFacts, granted: boolean): CaseState {
  if (request?.kind !== 'return') return 'handling'
  return granted ? 'pending_dispatch' : request.from
}

function knownDepartment(id: string, { departments }: DecideContext): void {
  if (departments.has(id)) return
  const known = [...departments].join(', ') || 'none'
  throw new SharpEyesError('invalid', `department: "${id}" is not configured; departments: ${known}`, {
    details: { why: 'no_department', department: id },
  })
}

function knownAttachments(ids: readonly string[], { attachments }: DecideContext): void {
  const unknown = ids.find((id) => !attachments.has(id))
  if (unknown === undefined) return
  throw new SharpEyesError(
    'invalid',
    `attachments: ${unknown} was not uploaded to this case; upload it first`,
    { details: { why: 'not_uploaded' } },
  )
}

/** The time as UTC text. */
function laterThan(text: string, limit: EpochMs, name: string): string {
  const at = Date.parse(text)
  if (at > limit) return new Date(at).toISOString()
  throw new SharpEyesError(
    'invalid',
    `until: ${text} is not later than ${name} (${new Date(limit).toISOString()})`,
    { details: { why: 'not_later', limit: new Date(limit).toISOString() } },
  )
}

const actorOf = (kind: CaseCommandKind, actor: Actor): CaseEventActor => ({
  kind: actor.kind,
  name: actor.name,
  role: roleOf(kind, actor),
})

/** Filing and looking after it is the operators' work; a named auto-file rule (`auto-file:<rule>`) may file too. */
export const mayFile = (actor: Actor): boolean =>
  actor.kind === 'machine' ? /^auto-file:./.test(actor.name) : hasRole(actor, 'operator')
