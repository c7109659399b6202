import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Actor, MachineActor } from '../../core/actor.ts'
import { type DecideContext, type Decision, decide } from '../../core/case/decide.ts'
import type { CaseEvent } from '../../core/case/event.ts'
import { evolve, replay } from '../../core/case/evolve.ts'
import { checkFiling, openCase } from '../../core/case/filing.ts'
import { moves } from '../../core/case/moves.ts'
import type { CaseFacts } from '../../core/case/state.ts'
import { CASE_COMMANDS, type CaseCommandKind, type CaseState } from '../../core/case/words.ts'
import { CASE_NOW, filedCase, PEOPLE, PHOTO, person, SCHEDULE } from './case-fixture.ts'

const { operator, lead, verifier } = PEOPLE
/** A picture of each person who may verify, taken to the case in a far future. */
const PROOF: Readonly<Record<string, string>> = Object.fromEntries(
  [verifier.name, 'both', 'all'].map((name, i) => [name, `5d2f4f4a-4f0e-4d5e-9c3a-0a0a0a0a0a1${i}`]),
)
const proofOf = (actor: Actor) => PROOF[actor.name] ?? PHOTO
const context: DecideContext = {
  departments: new Set(['ecology', 'market']),
  attachments: new Map([
    [PHOTO, { by: lead.name, at: CASE_NOW - 1 }],
    ...Object.entries(PROOF).map(([by, id]) => [id, { by, at: Number.MAX_SAFE_INTEGER }] as const),
  ]),
  recheck: null,
  schedule: SCHEDULE,
}
const HOUR = 3_600_000

function run(facts: CaseFacts, command: Record<string, unknown>, actor: Actor, at = CASE_NOW): Decision {
  return decide(facts, { version: facts.version, ...command }, actor, at, context)
}

function go(facts: CaseFacts, command: Record<string, unknown>, actor: Actor, at = CASE_NOW): CaseFacts {
  const decision = run(facts, command, actor, at)
  if (decision.kind === 'refused') throw decision.error
  return decision.events.reduce<CaseFacts>(evolve, facts)
}

function refusedCode(decision: Decision): string {
  return decision.kind === 'refused' ? decision.error.code : 'accepted'
}

const at: Record<CaseState, () => CaseFacts> = {
  pending_dispatch: () => filedCase(null),
  pending_accept: () => filedCase(),
  handling: () => go(at.pending_accept(), { kind: 'accept' }, lead),
  return_requested: () => go(at.handling(), { kind: 'return', reason: 'wrong unit' }, lead),
  extension_requested: () =>
    go(at.handling(), { kind: 'extend', reason: 'rain', until: later(30 * 24) }, lead),
  suspended: () => go(at.handling(), { kind: 'suspend', reason: 'winter', until: later(100) }, operator),
  pending_check: () => go(at.handling(), { kind: 'report', note: 'swept', attachments: [PHOTO] }, lead),
  pending_close: () =>
    go(
      at.pending_check(),
      { kind: 'verify', passed: true, note: 'clean', attachments: [proofOf(verifier)] },
      verifier,
    ),
  closed: () => go(at.pending_close(), { kind: 'close', reason: 'fixed' }, operator),
  voided: () => go(at.pending_accept(), { kind: 'void', reason: 'twice' }, operator),
}

const later = (hours: number) => new Date(CASE_NOW + hours * HOUR).toISOString()

describe('the way of a case', () => {
  test('from filing to closing', () => {
    expect(at.pending_accept()).toMatchObject({ state: 'pending_accept', version: 2, lead: 'ecology' })
    expect(at.closed()).toMatchObject({ state: 'closed', version: 6, handler: lead.name, clock: null })
  })

  test('a failed verification is rework: back in hand, counted, with a fresh clock', () => {
    const check = at.pending_check()
    const decision = run(
      check,
      { kind: 'verify', passed: false, note: 'still there' },
      verifier,
      CASE_NOW + 50,
    )
    expect(decision).toMatchObject({
      kind: 'accepted',
      events: [{ kind: 'verify' }, { kind: 'rework', data: { count: 1 } }],
    })
    const again = go(check, { kind: 'verify', passed: false, note: 'still there' }, verifier, CASE_NOW + 50)
    expect(again).toMatchObject({ state: 'handling', reworkCount: 1, version: check.version + 1 })
    expect(again.clock).toMatchObject({ kind: 'handle', startedAt: CASE_NOW + 50 })
  })

  test('a refused return goes back where it came from, a granted one waits for dispatch', () => {
    const early = go(at.pending_accept(), { kind: 'return', reason: 'not ours' }, lead)
    const no = { kind: 'decide', granted: false, reason: 'it is' }
    expect(go(early, no, operator)).toMatchObject({ state: 'pending_accept', clock: { kind: 'accept' } })
    expect(go(at.return_requested(), no, operator)).toMatchObject({ state: 'handling', lead: 'ecology' })
    const yes = { ...no, granted: true }
    expect(go(early, yes, operator)).toMatchObject({ state: 'pending_dispatch', lead: null, clock: null })
  })

  test('a granted extension moves the deadline and is counted; a refused one leaves it', () => {
    const asked = at.extension_requested()
    const granted = go(asked, { kind: 'decide', granted: true, reason: 'ok' }, operator)
    expect(granted).toMatchObject({ state: 'handling', extensionCount: 1 })
    expect(granted.clock?.dueAt).toBe(Date.parse(later(30 * 24)))
    const refused = go(asked, { kind: 'decide', granted: false, reason: 'no' }, operator)
    expect(refused).toMatchObject({ state: 'handling', extensionCount: 0, clock: asked.clock })
  })

  test('the clock of a parked case stands still', () => {
    const parked = at.suspended()
    const left = (at.handling().clock?.dueAt ?? 0) - CASE_NOW
    expect(parked.clock).toMatchObject({ kind: 'review', dueAt: Date.parse(later(100)) })
    const timer: Actor = { kind: 'machine', name: 'timer' }
    const resumed = go(parked, { kind: 'resume' }, timer, CASE_NOW + 100 * HOUR)
    expect(resumed.clock?.dueAt).toBe(CASE_NOW + 100 * HOUR + left)
  })

  test('reopened, it waits for dispatch, and who handled it once still may not verify', () => {
    for (const ended of [at.closed(), at.voided()])
      expect(go(ended, { kind: 'reopen', reason: 'again' }, operator).state).toBe('pending_dispatch')
    const both = person(lead.name, ['officer', 'verifier'], 'ecology')
    let facts = go(at.closed(), { kind: 'reopen', reason: 'again' }, operator)
    const other = person('market.duty', ['officer'], 'market')
    facts = go(facts, { kind: 'dispatch', department: 'market' }, operator)
    facts = go(facts, { kind: 'accept' }, other)
    facts = go(facts, { kind: 'report', note: 'done', attachments: [PHOTO] }, other)
    expect(refusedCode(run(facts, { kind: 'verify', passed: true, note: 'ok' }, both))).toBe('forbidden')
  })
})

describe('order of checks', () => {
  const stale = { kind: 'accept', version: 99 }
  test('rights before version before content', () => {
    const facts = at.pending_accept()
    const foreign = person('market.duty', ['officer'], 'market')
    const assisting = person('market.duty', ['officer'], 'market')
    expect(refusedCode(run(facts, stale, foreign))).toBe('not_found')
    expect(refusedCode(run({ ...facts, assist: ['market'] }, stale, assisting))).toBe('forbidden')
    expect(refusedCode(run(facts, stale, operator))).toBe('forbidden')
    const decision = run(facts, { ...stale, nonsense: true }, lead)
    expect(decision.kind === 'refused' && decision.error.details).toEqual({
      state: 'pending_accept',
      version: 2,
    })
    expect(refusedCode(decision)).toBe('version_conflict')
    expect(refusedCode(run(facts, { kind: 'report' }, lead))).toBe('state_conflict')
    expect(refusedCode(run(facts, { kind: 'accept', nonsense: true }, lead))).toBe('invalid')
    expect(refusedCode(run(facts, { kind: 'accept', version: undefined }, lead))).toBe('invalid')
    expect(refusedCode(run(facts, { kind: 'fly' }, operator))).toBe('invalid')
  })

  test.each([
    ['a report without a photo', at.handling, { kind: 'report', note: 'x', attachments: [] }, lead],
    [
      'a photo of another case',
      at.handling,
      { kind: 'report', note: 'x', attachments: ['5d2f4f4a-4f0e-4d5e-9c3a-0a0a0a0a0a0b'] },
      lead,
    ],
    ['an unknown department', at.pending_dispatch, { kind: 'dispatch', department: 'nobody' }, operator],
    ['an extension before the deadline', at.handling, { kind: 'extend', reason: 'x', until: later(1) }, lead],
    ['a review in the past', at.handling, { kind: 'suspend', reason: 'x', until: later(-1) }, operator],
    ['a NUL', at.pending_close, { kind: 'close', reason: 'a\0b' }, operator],
    ['half a character', at.pending_close, { kind: 'close', reason: 'a\ud83d' }, operator],
    ['no reason', at.pending_close, { kind: 'close', reason: ' ' }, operator],
  ])('%s is invalid', (_, facts, command, actor) => {
    expect(refusedCode(run(facts(), command, actor))).toBe('invalid')
  })

  test('a text about escapes is a text', () => {
    expect(run(at.pending_close(), { kind: 'close', reason: 'the text \\u0000 and 😀' }, operator).kind).toBe(
      'accepted',
    )
  })

  test('filing: operators only, and rights come first', () => {
    expect(() => checkFiling({}, lead)).toThrow(expect.objectContaining({ code: 'forbidden' }))
    expect(() => checkFiling({}, operator)).toThrow(expect.objectContaining({ code: 'invalid' }))
    const machine = (name: MachineActor): Actor => ({ kind: 'machine', name })
    expect(() => checkFiling({}, machine('inbox'))).toThrow(expect.objectContaining({ code: 'forbidden' }))
    expect(() => checkFiling({}, machine('auto-file:fire'))).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    )
  })

  test('a route whose department is gone leaves the case to an operator', () => {
    const [filing, ...more] = openCase(
      '2026-000001',
      filedMatter,
      { id: 'route-001', route: { lead: 'gone', assist: [] } },
      context,
      operator,
      CASE_NOW,
    )
    expect([filing?.kind, more.length]).toEqual(['file', 0])
  })
})

const filedMatter = {
  type: 'plume',
  severity: 2 as const,
  alertId: null,
  camera: null,
  purpose: null,
  place: {},
  note: null,
  confirmedByFiling: false,
}

/** DESIGN's table of states as pairs, written down once more on purpose. */
const ALLOWED: Record<CaseCommandKind, readonly (readonly [CaseState, CaseState])[]> = {
  dispatch: [['pending_dispatch', 'pending_accept']],
  accept: [['pending_accept', 'handling']],
  report: [['handling', 'pending_check']],
  verify: [
    ['pending_check', 'pending_close'],
    ['pending_check', 'handling'],
  ],
  close: [['pending_close', 'closed']],
  return: [
    ['pending_accept', 'return_requested'],
    ['handling', 'return_requested'],
  ],
  extend: [['handling', 'extension_requested']],
  decide: [
    ['return_requested', 'pending_dispatch'],
    ['return_requested', 'pending_accept'],
    ['return_requested', 'handling'],
    ['extension_requested', 'handling'],
  ],
  suspend: [['handling', 'suspended']],
  resume: [['suspended', 'handling']],
  void: (
    [
      'pending_dispatch',
      'pending_accept',
      'handling',
      'return_requested',
      'extension_requested',
      'suspended',
      'pending_check',
      'pending_close',
    ] as const
  ).map((from) => [from, 'voided']),
  reopen: [
    ['closed', 'pending_dispatch'],
    ['voided', 'pending_dispatch'],
  ],
}

const CAST: readonly Actor[] = [
  operator,
  lead,
  verifier,
  person('both', ['officer', 'verifier'], 'ecology'),
  person('all', ['operator', 'officer', 'verifier'], 'ecology'),
  person('market.duty', ['officer'], 'market'),
  person('auditor', ['auditor']),
  { kind: 'machine', name: 'timer' },
]
const actors = fc.constantFrom(...CAST)
const FORWARD: readonly CaseCommandKind[] = ['dispatch', 'accept', 'report', 'verify', 'close', 'reopen']
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom(...CASE_COMMANDS),
    actor: actors,
    yes: fc.boolean(),
    hours: fc.integer({ min: 0, max: 2000 }),
    stale: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    department: fc.constantFrom('ecology', 'market'),
    assist: fc.subarray(['ecology', 'market']),
    hint: fc.integer({ min: 0, max: 3 }),
  }),
  { maxLength: 60 },
)
type Step = typeof steps extends fc.Arbitrary<readonly (infer S)[]> ? S : never

const body = (step: Step, now: number): Record<string, unknown> => {
  const until = new Date(now + step.hours * HOUR).toISOString()
  const all: Record<CaseCommandKind, object> = {
    dispatch: { department: step.department, assist: step.assist },
    accept: {},
    report: { note: 'n', attachments: [PHOTO] },
    verify: { note: 'n', passed: step.yes, attachments: [proofOf(step.actor)] },
    close: { reason: 'r' },
    return: { reason: 'r' },
    extend: { reason: 'r', until, attachments: [PHOTO] },
    decide: { reason: 'r', granted: step.yes },
    suspend: { reason: 'r', until },
    resume: {},
    void: { reason: 'r' },
    reopen: { reason: 'r' },
  }
  return { kind: step.kind, ...all[step.kind] }
}

/** Random commands alone rarely get far: some steps take what the actor may do, some what leads on. */
function pick(step: Step, facts: CaseFacts): Step {
  if (step.hint === 0) return step
  if (step.hint === 1) {
    const possible = moves(facts, step.actor).filter((move) => move.allowed)
    const chosen = possible[step.hours % Math.max(1, possible.length)]
    return chosen ? { ...step, kind: chosen.kind } : step
  }
  for (const actor of [step.actor, ...CAST]) {
    const next = moves(facts, actor).find((move) => move.allowed && FORWARD.includes(move.kind))
    if (next) return { ...step, actor, kind: next.kind }
  }
  return step
}

describe('properties over random commands by random people', () => {
  const reached = new Set<CaseState>()
  test('versions, edges, people, replay', () => {
    fc.assert(
      fc.property(steps, fc.boolean(), (sequence, routed) => {
        let facts = filedCase(routed ? undefined : null)
        const log: CaseEvent[] = [...filedCase.log(routed ? undefined : null)]
        let now = CASE_NOW
        for (const raw of sequence) {
          now += 60_000
          const step = pick(raw, facts)
          const before = facts
          const answer = moves(facts, step.actor).find((move) => move.kind === step.kind)
          const version = step.stale ? facts.version + 1 : facts.version
          const decision = decide(facts, { ...body(step, now), version }, step.actor, now, context)
          if (decision.kind === 'refused') {
            if (!step.stale && answer?.allowed) expect(decision.error.code).toBe('invalid')
            continue
          }
          expect(step.stale).toBe(false)
          expect(answer).toEqual({ kind: step.kind, allowed: true, reason: null })
          facts = decision.events.reduce<CaseFacts>(evolve, facts)
          log.push(...decision.events)
          reached.add(facts.state)
          expect(facts.version).toBe(before.version + 1)
          expect(ALLOWED[step.kind]).toContainEqual([before.state, facts.state])
          if (step.kind === 'verify') expect(before.handlers).not.toContain(step.actor.name)
          if (before.state === 'closed' || before.state === 'voided') expect(step.kind).toBe('reopen')
          if (facts.state === 'closed') expect(verifiedAfterReport(log)).toBe(true)
          expect(facts.clock?.kind ?? null).toBe(clockOf(facts))
        }
        expect(replay(log)).toEqual(facts)
      }),
      { numRuns: 400 },
    )
    // The property would hold of a machine that never moves: every state was reached.
    expect([...reached].sort()).toEqual(Object.keys(at).sort())
  })
})

function verifiedAfterReport(log: readonly CaseEvent[]): boolean {
  const report = log.findLastIndex((event) => event.kind === 'report')
  const passed = log.findLastIndex((event) => event.kind === 'verify' && event.data.passed)
  return report >= 0 && passed > report
}

function clockOf(facts: CaseFacts): string | null {
  switch (facts.state) {
    case 'pending_accept':
      return 'accept'
    case 'handling':
    case 'extension_requested':
      return 'handle'
    case 'return_requested':
      return facts.request?.kind === 'return' && facts.request.from === 'pending_accept' ? 'accept' : 'handle'
    case 'suspended':
      return 'review'
    case 'pending_check':
      return 'check'
    default:
      return null
  }
}
