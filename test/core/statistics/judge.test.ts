import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from '../../../core/case/decide.ts'
import type { CaseEvent } from '../../../core/case/event.ts'
import { replay } from '../../../core/case/evolve.ts'
import { openCase } from '../../../core/case/filing.ts'
import { moves } from '../../../core/case/moves.ts'
import { judgeRecheck, RECHECK_SILENCE_MS } from '../../../core/case/recheck.ts'
import { CASE_FIGURES } from '../../../core/statistics/figures.ts'
import { createCaseCounter, isInPart, judgeCase } from '../../../core/statistics/judge.ts'
import { PEOPLE, PHOTO, SCHEDULE } from '../case-fixture.ts'
import { BY_DEPARTMENT, CASES, type HandJudged, HOUR, MARKET_OFFICER, NOW, TOTAL } from './cases.ts'

const departments = new Set(['ecology', 'market'])
const city = { departments, schedule: SCHEDULE }
/** What a verification rests on is not counted: the machine has seen nothing. */
const recheck = judgeRecheck({
  source: { kind: 'camera', id: 'c' },
  ...{ from: 0, now: 0, reportedAt: 0, lastSeenAt: null, again: 0, firing: false },
  watchedMs: RECHECK_SILENCE_MS,
})
const context = { ...city, attachments: new Map([[PHOTO, { by: 'officer', at: 0 }]]), recheck }

function logOf({
  type,
  filedAt,
  steps,
}: Pick<HandJudged, 'type' | 'filedAt' | 'steps'>): readonly CaseEvent[] {
  const nothing = { alertId: null, camera: null, purpose: null, place: {}, note: null }
  const matter = { ...nothing, type, severity: 3 as const, confirmedByFiling: false }
  let log = openCase('2026-000001', matter, null, city, PEOPLE.operator, filedAt)
  for (const { at, command, actor } of steps) {
    const facts = replay(log)
    const decision = decide(
      facts,
      { version: facts.version, ...command },
      actor,
      filedAt + at * HOUR,
      context,
    )
    if (decision.kind === 'refused') throw decision.error
    log = [...log, ...decision.events]
  }
  return log
}

const asPairs = (counter: ReturnType<typeof createCaseCounter>) => {
  const { voided, figures } = counter.counts()
  const pairs = Object.entries(figures).map(([name, share]) => [name, [share.numerator, share.denominator]])
  return { voided, ...Object.fromEntries(pairs) }
}

describe('thirty-four cases judged by hand', () => {
  test.each(CASES.map((each) => [each.what, each] as const))('%s', (_, each) => {
    const judgement = judgeCase(logOf(each), NOW, HOUR)
    expect(judgement).toEqual({ lead: each.lead, voided: each.voided, figures: each.figures })
  })

  test('add up to the sums made by hand, in all and by department', () => {
    const total = createCaseCounter(CASE_FIGURES)
    const groups = new Map(Object.keys(BY_DEPARTMENT).map((key) => [key, createCaseCounter(CASE_FIGURES)]))
    for (const each of CASES) {
      const judgement = judgeCase(logOf(each), NOW, HOUR)
      total.add(judgement)
      groups.get(judgement.lead ?? '~')?.add(judgement)
    }
    expect(asPairs(total)).toEqual(TOTAL)
    for (const [key, group] of groups) expect([key, asPairs(group)]).toEqual([key, BY_DEPARTMENT[key as '~']])
  })

  test('an open case is judged as of the moment that is asked for', () => {
    const filedAt = NOW - 100 * HOUR
    const log = logOf({
      type: 'litter',
      filedAt,
      steps: CASES.find(({ what }) => what === 'handled now, late')?.steps ?? [],
    })
    const due = filedAt + 73 * HOUR
    expect(judgeCase(log, due, HOUR).figures).toMatchObject({ handled: 'outside', overdue: 'rest' })
    expect(judgeCase(log, due + 1, HOUR).figures).toMatchObject({ handled: 'rest', overdue: 'numerator' })
  })

  test('a log that begins with anything but its filing is refused', () => {
    expect(() => judgeCase([], NOW, HOUR)).toThrow('empty')
  })
})

describe('any log that people can write', () => {
  const step = fc.record({
    /** Which of the moves that are open to somebody now. */
    choice: fc.nat(),
    yes: fc.boolean(),
    market: fc.boolean(),
    hours: fc.integer({ min: 0, max: 60 }),
  })
  const people = [PEOPLE.operator, PEOPLE.lead, PEOPLE.verifier, MARKET_OFFICER]

  test('has its numerators inside its denominators, and first-pass and rework share theirs out', () => {
    let longest = 0
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40, size: 'max' }),
        fc.integer({ min: 0, max: 200 }),
        (steps, waited) => {
          let now = NOW
          let log: readonly CaseEvent[] = logOf({ type: 'litter', filedAt: NOW, steps: [] })
          for (const { choice, yes, market, hours } of steps) {
            const facts = replay(log)
            const open = people.flatMap((actor) =>
              moves(facts, actor).flatMap(({ kind, allowed }) => (allowed ? [{ kind, actor }] : [])),
            )
            const chosen = open[choice % open.length]
            if (!chosen) break
            const { kind, actor } = chosen
            const later = new Date(Math.max(now, facts.clock?.dueAt ?? 0) + (hours + 1) * HOUR).toISOString()
            const content: Record<string, object> = {
              dispatch: { department: market ? 'market' : 'ecology' },
              report: { note: 'done', attachments: [PHOTO] },
              verify: { passed: yes, note: 'seen' },
              extend: { reason: 'x', until: later, attachments: [PHOTO] },
              suspend: { reason: 'x', until: later },
              decide: { granted: yes, reason: 'x' },
              accept: {},
            }
            const command = { kind, version: facts.version, ...(content[kind] ?? { reason: 'x' }) }
            const decision = decide(facts, command, actor, now + hours * HOUR, context)
            if (decision.kind === 'refused') continue
            now += hours * HOUR
            log = [...log, ...decision.events]
          }
          longest = Math.max(longest, log.length)
          const judgement = judgeCase(log, now + waited * HOUR, HOUR)
          const counter = createCaseCounter(CASE_FIGURES)
          counter.add(judgement)
          const { figures, voided } = counter.counts()
          for (const figure of CASE_FIGURES) {
            const { numerator, denominator } = figures[figure]
            expect(numerator).toBeLessThanOrEqual(denominator)
            const parts = (['numerator', 'rest'] as const).filter((part) => isInPart(judgement, figure, part))
            expect(parts.length).toBe(denominator)
            if (voided === 1) expect(denominator).toBe(0)
          }
          expect(figures.firstPass.denominator).toBe(figures.rework.denominator)
          expect(figures.firstPass.numerator + figures.rework.numerator).toBe(figures.rework.denominator)
          expect(figures.filed.denominator + voided).toBe(1)
          expect(judgement.lead).toBe(replay(log).lead)
        },
      ),
      { numRuns: 500 },
    )
    expect(longest).toBeGreaterThan(30)
  })
})
