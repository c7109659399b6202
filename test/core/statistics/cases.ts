import type { Actor } from '../../../core/actor.ts'
import type { CaseFigure } from '../../../core/statistics/figures.ts'
import type { Membership } from '../../../core/statistics/judge.ts'
import { PEOPLE, PHOTO, person } from '../case-fixture.ts'

/**
 * Thirty-four cases of a city, every path of a case among them, and what each figure has to say of each: judged by hand.
 * Limits: dispatch 1 h after filing, accept 2 h after dispatch, handle 72 h after acceptance, verify 24 h after the report.
 */
export const HOUR = 3_600_000
/** 2026-11-20 08:00 of the city (Asia/Shanghai): everything is judged as of now. */
export const NOW = Date.parse('2026-11-20T00:00:00Z')

export const MARKET_OFFICER = person('market.duty', ['officer'], 'market')
export interface Step {
  /** Hours after filing. */
  readonly at: number
  readonly command: Readonly<Record<string, unknown>>
  readonly actor: Actor
}

const { operator, lead, verifier } = PEOPLE
const officer = (of: string) => (of === 'market' ? MARKET_OFFICER : lead)
const until = (filed: number, hours: number) => new Date(filed + hours * HOUR).toISOString()

/** `D.5 A1 R20 V+30 C31`: letter of the move, hours after filing; `@market` names a department, `>150` a new deadline. */
function stepsOf(text: string, filed: number): Step[] {
  let department = 'ecology'
  return text
    .split(' ')
    .filter(Boolean)
    .map((word) => {
      const [, letter = '', sign, hours, to, later] =
        /^([A-Z])([+-]?)([\d.]+)(?:@(\w+))?(?:>([\d.]+))?$/.exec(word) ?? []
      if (letter === 'D') department = to ?? 'ecology'
      const reason = 'a reason'
      const moves: Record<string, readonly [Record<string, unknown>, Actor]> = {
        D: [{ kind: 'dispatch', department }, operator],
        A: [{ kind: 'accept' }, officer(department)],
        R: [{ kind: 'report', note: 'done', attachments: [PHOTO] }, officer(department)],
        V: [{ kind: 'verify', passed: sign === '+', note: 'seen' }, verifier],
        C: [{ kind: 'close', reason }, operator],
        B: [{ kind: 'return', reason }, officer(department)],
        G: [{ kind: 'decide', granted: sign === '+', reason }, operator],
        X: [{ kind: 'extend', reason, until: until(filed, Number(later ?? 0)) }, officer(department)],
        S: [{ kind: 'suspend', reason, until: until(filed, Number(later ?? 0)) }, operator],
        U: [{ kind: 'resume' }, operator],
        K: [{ kind: 'void', reason }, operator],
        O: [{ kind: 'reopen', reason }, operator],
      }
      const move = moves[letter]
      if (!move) throw new Error(`no move ${word}`)
      return { at: Number(hours), command: move[0], actor: move[1] }
    })
}

const ORDER: readonly CaseFigure[] = ['dispatched', 'handled', 'firstPass', 'rework', 'overdue', 'closed']
const MEMBERSHIP: Record<string, Membership> = { n: 'numerator', r: 'rest', '-': 'outside' }
const VOID = '------'

export interface HandJudged {
  readonly what: string
  readonly type: string
  readonly camera: string | null
  readonly filedAt: number
  readonly steps: readonly Step[]
  readonly lead: string | null
  readonly voided: boolean
  readonly figures: Readonly<Record<CaseFigure, Membership>>
}

const at = (text: string) => Date.parse(text)
const ago = (hours: number) => NOW - hours * HOUR

// what | filed | steps | lead now | dispatched, handled, first-pass, rework, overdue, closed: n(umerator) r(est) -(outside)
const LINES: readonly (readonly [string, number, string, string | null, string])[] = [
  ['everything in time', at('2026-10-02T00:00Z'), 'D.5 A1 R20 V+30 C31', 'ecology', 'nnnrrn'],
  ['reworked in time', at('2026-10-03T00:00Z'), 'D.5 A1 R20 V-30 R40 V+50 C51', 'ecology', 'nnrnrn'],
  // rework: 30 + 72 = 102 < 120
  ['reworked late', at('2026-10-04T00:00Z'), 'D.5 A1 R20 V-30 R120 V+125 C126', 'ecology', 'nrrnnn'],
  // 1 + 72 = 73 < 80
  ['reported late', at('2026-10-05T00:00Z'), 'D.5 A1 R80 V+90 C91', 'ecology', 'nrnrnn'],
  // accepted at 3 > 2.5; handled in time all the same
  ['accepted late', at('2026-10-06T00:00Z'), 'D.5 A3 R20 V+30 C31', 'ecology', 'nnnrnn'],
  ['dispatched late', at('2026-10-07T00:00Z'), 'D2 A3 R20 V+30 C31', 'ecology', 'rnnrrn'],
  ['never dispatched', at('2026-10-08T00:00Z'), '', null, 'r----r'],
  ['just filed', ago(0.5), '', null, '-----r'],
  ['just dispatched', ago(0.5), 'D.25', 'ecology', 'n---rr'],
  ['not accepted for ten hours', ago(10), 'D.5', 'ecology', 'n---nr'],
  ['handled now, in time', ago(20), 'D.5 A1', 'ecology', 'n---rr'],
  ['handled now, late', ago(100), 'D.5 A1', 'ecology', 'nr--nr'],
  ['extension granted', at('2026-10-10T00:00Z'), 'D.5 A1 X60>150 G+70 R140 V+145 C146', 'ecology', 'nnnrrn'],
  // asked at 60, in time; the answer came after the old deadline (73)
  [
    'extension granted slowly',
    at('2026-10-11T00:00Z'),
    'D.5 A1 X60>150 G+80 R140 V+145 C146',
    'ecology',
    'nnnrrn',
  ],
  [
    'extension asked for late',
    at('2026-10-12T00:00Z'),
    'D.5 A1 X75>150 G+80 R140 V+145 C146',
    'ecology',
    'nrnrnn',
  ],
  ['extension refused', at('2026-10-13T00:00Z'), 'D.5 A1 X60>150 G-61 R80 V+85 C86', 'ecology', 'nrnrnn'],
  // asked at 70 for the deadline at 73; nobody has answered for 30 h
  ['extension waits', ago(100), 'D.5 A1 X70>150', 'ecology', 'n---rr'],
  // parked at 10 with 63 h left: from 200 on until 263
  ['parked and done', at('2026-10-14T00:00Z'), 'D.5 A1 S10>500 U200 R250 V+255 C256', 'ecology', 'nnnrrn'],
  ['parked now', ago(300), 'D.5 A1 S10>1000', 'ecology', 'n---rr'],
  ['parked when late', at('2026-10-15T00:00Z'), 'D.5 A1 S80>500 U100 R101 V+105 C106', 'ecology', 'nrnrnn'],
  ['returned', at('2026-10-16T00:00Z'), 'D.5 B1 G+1.5 D2@market A3 R20 V+30 C31', 'market', 'nnnrrn'],
  // ecology's lateness is not market's, and the case was not ecology's
  [
    'returned late',
    at('2026-10-17T00:00Z'),
    'D.5 A1 B80 G+81 D82@market A83 R100 V+110 C111',
    'market',
    'nnnrrn',
  ],
  // the clock (73) runs on while the return waits
  ['return refused', at('2026-10-18T00:00Z'), 'D.5 A1 B70 G-80 R85 V+90 C91', 'ecology', 'nrnrnn'],
  ['returned, not dispatched again', ago(50), 'D.5 B1 G+2', null, 'n----r'],
  ['voided', at('2026-10-19T00:00Z'), 'D.5 A1 K10', 'ecology', VOID],
  ['voided before dispatch', at('2026-10-20T00:00Z'), 'K.2', null, VOID],
  [
    'voided late, reopened',
    at('2026-10-21T00:00Z'),
    'D.5 A1 K80 O90 D91 A92 R100 V+110 C111',
    'ecology',
    'nrnrnn',
  ],
  [
    'reopened',
    at('2026-10-22T00:00Z'),
    'D.5 A1 R20 V+30 C31 O100 D101 A102 R120 V+130 C131',
    'ecology',
    'nnnrrn',
  ],
  // ecology's failed verification is not market's
  [
    'reopened for another department',
    at('2026-10-23T00:00Z'),
    'D.5 A1 R20 V-30 R40 V+50 C51 O100 D101@market A102 R120 V+130 C131',
    'market',
    'nnnrrn',
  ],
  ['reopened, not dispatched', at('2026-10-24T00:00Z'), 'D.5 A1 R20 V+30 C31 O100', null, 'nnnrrr'],
  ['waits for verification', ago(30), 'D.5 A1 R20', 'ecology', 'nn--rr'],
  ['waits for closing', ago(40), 'D.5 A1 R20 V+30', 'ecology', 'nnnrrr'],
  ['rework, in time', ago(60), 'D.5 A1 R20 V-30', 'ecology', 'nnrnrr'],
  // 2.5 and 74.5 are the deadlines themselves
  ['on the very deadlines', at('2026-10-25T00:00Z'), 'D.5 A2.5 R74.5 V+75 C76', 'ecology', 'nnnrrn'],
]

export const CASES: readonly HandJudged[] = LINES.map(([what, filedAt, steps, leadNow, places], index) => {
  const voided = places === VOID
  const figures = Object.fromEntries(
    ORDER.map((figure, n) => [figure, MEMBERSHIP[places[n] ?? ''] as Membership]),
  )
  return {
    what,
    type: index < 10 ? 'litter' : 'plume',
    camera: index < 5 ? 'works-chimney' : null,
    filedAt,
    steps: stepsOf(steps, filedAt),
    lead: leadNow,
    voided,
    figures: { ...figures, filed: voided ? 'outside' : 'numerator' } as HandJudged['figures'],
  }
})

/** Added up by hand from the columns above: 34 cases, 2 voided. */
export const TOTAL = {
  voided: 2,
  filed: [32, 32],
  dispatched: [29, 31],
  handled: [16, 24],
  firstPass: [19, 22],
  rework: [3, 22],
  overdue: [10, 29],
  closed: [19, 32],
} as const
/** Of department ecology, market, and of none. */
export const BY_DEPARTMENT = {
  ecology: {
    voided: 1,
    filed: [25, 25],
    dispatched: [24, 25],
    handled: [12, 20],
    firstPass: [15, 18],
    rework: [3, 18],
    overdue: [10, 25],
    closed: [16, 25],
  },
  market: {
    voided: 0,
    filed: [3, 3],
    dispatched: [3, 3],
    handled: [3, 3],
    firstPass: [3, 3],
    rework: [0, 3],
    overdue: [0, 3],
    closed: [3, 3],
  },
  '~': {
    voided: 1,
    filed: [4, 4],
    dispatched: [2, 3],
    handled: [1, 1],
    firstPass: [1, 1],
    rework: [0, 1],
    overdue: [0, 1],
    closed: [0, 4],
  },
} as const
