import type { CaseEvent } from '../case/event.ts'
import { evolve } from '../case/evolve.ts'
import type { CaseClock, CaseFacts } from '../case/state.ts'
import { SharpEyesError } from '../errors.ts'
import type { EpochMs } from '../units.ts'
import type { CaseFigure, Part } from './figures.ts'

/** Where a case stands in a figure: in its numerator (and so in its denominator), only in the denominator, or in none. */
export type Membership = 'numerator' | 'rest' | 'outside'

export interface CaseJudgement {
  readonly lead: string | null
  readonly voided: boolean
  readonly figures: Readonly<Record<CaseFigure, Membership>>
}

/**
 * What the department that leads now did with the case. A granted return strikes what came before it (the case was not
 * theirs, and another department's lateness is not the next one's), and so does a dispatch to another department.
 */
interface Work {
  readonly department: string | null
  readonly reported: boolean
  readonly acceptLate: boolean
  readonly handleLate: boolean
  readonly verified: boolean
  readonly failed: boolean
}
const NOTHING: Work = {
  department: null,
  reported: false,
  acceptLate: false,
  handleLate: false,
  verified: false,
  failed: false,
}

/**
 * Judges one case from its log (oldest entry first, the first one its filing) as of `now`, epoch ms. `dispatchLimit`, ms:
 * by when after filing a case has to be dispatched. Throws `internal` for a log that does not begin with its filing.
 */
export function judgeCase(log: readonly CaseEvent[], now: EpochMs, dispatchLimit: number): CaseJudgement {
  let facts: CaseFacts | null = null
  let work = NOTHING
  let dispatchedAt: EpochMs | null = null
  /** When the request was made that waits for an operator's decision. */
  let askedAt: EpochMs | null = null
  for (const event of log) {
    const before: CaseFacts | null = facts
    facts = evolve(before, event)
    const ended = before?.clock && before.clock.round !== facts.clock?.round ? before.clock : null
    if (ended) work = withEnd(work, ended, granted(event, 'extend') ? (askedAt ?? event.at) : event.at)
    switch (event.kind) {
      case 'dispatch':
        dispatchedAt ??= event.at
        if (work.department !== event.data.lead) work = { ...NOTHING, department: event.data.lead }
        break
      case 'report':
        work = { ...work, reported: true }
        break
      case 'verify':
        work = { ...work, verified: true, failed: work.failed || !event.data.passed }
        break
      case 'return':
      case 'extend':
        askedAt = event.at
        break
      case 'decide':
        if (granted(event, 'return')) work = NOTHING
        break
    }
  }
  if (!facts) throw new SharpEyesError('internal', 'a case log is empty')
  if (facts.clock) {
    // An extension that was asked for in time is not late while nobody has decided about it.
    const waits = facts.request?.kind === 'extend' && askedAt !== null ? askedAt : now
    work = withEnd(work, facts.clock, waits)
  }
  const voided = facts.state === 'voided'
  return { lead: facts.lead, voided, figures: voided ? OUTSIDE : figuresOf(facts, work) }

  function figuresOf(of: CaseFacts, { department, ...did }: Work): CaseJudgement['figures'] {
    const limit = of.filedAt + dispatchLimit
    return {
      filed: 'numerator',
      dispatched: place(dispatchedAt !== null || now > limit, (dispatchedAt ?? now) <= limit),
      handled: place(did.reported || did.handleLate, !did.handleLate),
      firstPass: place(did.verified, !did.failed),
      rework: place(did.verified, did.failed),
      overdue: place(department !== null, did.acceptLate || did.handleLate),
      closed: place(true, of.state === 'closed'),
    }
  }
}

const place = (counts: boolean, met: boolean): Membership =>
  !counts ? 'outside' : met ? 'numerator' : 'rest'

const OUTSIDE: CaseJudgement['figures'] = {
  filed: 'outside',
  dispatched: 'outside',
  handled: 'outside',
  firstPass: 'outside',
  rework: 'outside',
  overdue: 'outside',
  closed: 'outside',
}

const granted = (event: CaseEvent, asked: 'return' | 'extend'): boolean =>
  event.kind === 'decide' && event.data.granted && event.data.asked === asked

function withEnd(work: Work, clock: CaseClock, at: EpochMs): Work {
  if (at <= clock.dueAt) return work
  if (clock.kind === 'accept') return { ...work, acceptLate: true }
  return clock.kind === 'handle' ? { ...work, handleLate: true } : work
}

/** Whether a judged case is in that part of the figure's list. Voided cases are in the part `voided` of every figure. */
export function isInPart({ voided, figures }: CaseJudgement, figure: CaseFigure, part: Part): boolean {
  if (part === 'voided') return voided
  const membership = figures[figure]
  return part === 'denominator' ? membership !== 'outside' : membership === part
}

/** Numerator and denominator of one figure: whole numbers, the first at most the second. */
export interface Share {
  readonly numerator: number
  readonly denominator: number
}

export interface CaseCounts {
  readonly voided: number
  readonly figures: Readonly<Record<CaseFigure, Share>>
}

/** Counts judged cases one after the other. */
export function createCaseCounter(figures: readonly CaseFigure[]) {
  const shares = new Map(figures.map((figure) => [figure, { numerator: 0, denominator: 0 }]))
  let voided = 0
  return {
    add(judgement: CaseJudgement): void {
      if (judgement.voided) voided += 1
      for (const [figure, share] of shares) {
        if (isInPart(judgement, figure, 'denominator')) share.denominator += 1
        if (isInPart(judgement, figure, 'numerator')) share.numerator += 1
      }
    },
    counts: (): CaseCounts => ({ voided, figures: Object.fromEntries(shares) as CaseCounts['figures'] }),
  }
}
