import type { DurationMs, EpochMs } from '../units.ts'
import type { Basis } from './flags.ts'

/** A limit with everything that judging needs; values are in the sensor's unit. */
export interface LimitRule {
  readonly side: 'above' | 'below'
  readonly limit: number
  /** An exceedance ends at this value. */
  readonly clear: number
  /** How long it must be exceeded without a break. */
  readonly forMs: DurationMs
  /** A longer time without a reading breaks what has not lasted `forMs` yet. */
  readonly gapMs: DurationMs
  /** A longer time without a reading ends what has: of so long a silence nothing can be said. */
  readonly holdMs: DurationMs
}

/** A reading of the series that the limit is about. */
export interface Judgeable {
  /** By the device's clock. */
  readonly at: EpochMs
  readonly receivedAt: EpochMs
  readonly value: number
  readonly basis: Exclude<Basis, 'none'>
}

/** A time over the limit without a break. `startedAt` null: it has not lasted long enough yet. */
export interface Spell {
  /** Of the first reading over the limit. */
  readonly since: EpochMs
  /** Of the reading at which it had lasted for `forMs`. */
  readonly startedAt: EpochMs | null
  readonly lastAt: EpochMs
  readonly lastValue: number
  /** The value farthest over the limit. */
  readonly peak: number
  /** How far the device's clock and ours were apart at the deciding reading: no less is known of its error. */
  readonly errorMs: DurationMs
}

/** Where the judgement stands after the latest reading. */
export interface LimitState {
  /** Of the latest reading that was a basis; null: there was none. */
  readonly lastAt: EpochMs | null
  readonly spell: Spell | null
}

/** An exceedance: a spell that lasted. */
export interface Episode extends Spell {
  readonly startedAt: EpochMs
  /** Null: it goes on. */
  readonly endedAt: EpochMs | null
  readonly endReason: EndReason | null
}

export const END_REASONS = {
  cleared: 'back within the limit',
  silent: 'no readings any more',
} as const
type EndReason = (typeof END_REASONS)[keyof typeof END_REASONS]

export const NOTHING_YET: LimitState = { lastAt: null, spell: null }

/** `over` and `clear` are proven by the reading; `between`: within the limit and not yet at `clear`. Null: it proves nothing. */
type Finding = 'over' | 'between' | 'clear' | null

export function findingOf(rule: LimitRule, { value, basis }: Pick<Judgeable, 'value' | 'basis'>): Finding {
  const above = rule.side === 'above'
  const over = above ? value > rule.limit : value < rule.limit
  const clear = above ? value <= rule.clear : value >= rule.clear
  // At least this high: over an upper limit is over, and no less than a lower one's `clear` is clear.
  if (basis === 'floor') return above && over ? 'over' : !above && clear ? 'clear' : null
  return over ? 'over' : clear ? 'clear' : 'between'
}

/** Takes one reading, later than all before. Pure. A reading that proves nothing is as if it had not come. */
export function step(
  rule: LimitRule,
  state: LimitState,
  reading: Judgeable,
): { readonly state: LimitState; readonly ended: Episode | null } {
  const finding = findingOf(rule, reading)
  if (finding === null) return { state, ended: null }
  const { at } = reading
  const { spell, ended } = afterSilence(rule, state, at)
  const next = (spell: Spell | null, over: Episode | null = null) => ({
    state: { lastAt: at, spell },
    ended: ended ?? over,
  })
  switch (finding) {
    case 'over':
      return next(longer(rule, spell, reading))
    case 'between':
      return next(spell && isEpisode(spell) ? longer(rule, spell, reading) : null)
    case 'clear':
      return next(null, spell && isEpisode(spell) ? endedBy(spell, at, END_REASONS.cleared) : null)
  }
}

/** All of `readings`, which are in order of time, from `state` on. `ended` is in order. */
export function evaluate(
  rule: LimitRule,
  readings: Iterable<Judgeable>,
  state: LimitState = NOTHING_YET,
): { readonly state: LimitState; readonly ended: readonly Episode[] } {
  const all: Episode[] = []
  let now = state
  for (const reading of readings) {
    const { state: next, ended } = step(rule, now, reading)
    now = next
    if (ended) all.push(ended)
  }
  return { state: now, ended: all }
}

/** The exceedance that goes on; null: there is none. */
export const openEpisode = ({ spell }: LimitState): Episode | null =>
  spell && isEpisode(spell) ? { ...spell, endedAt: null, endReason: null } : null

/** As if a reading came at `at`: what so long a silence ends is over. */
export function afterSilence(
  rule: LimitRule,
  { lastAt, spell }: LimitState,
  at: EpochMs,
): { readonly spell: Spell | null; readonly ended: Episode | null } {
  const silence = lastAt === null ? 0 : at - lastAt
  if (!spell) return { spell, ended: null }
  if (!isEpisode(spell)) return { spell: silence > rule.gapMs ? null : spell, ended: null }
  if (silence <= rule.holdMs) return { spell, ended: null }
  return { spell: null, ended: endedBy(spell, spell.lastAt, END_REASONS.silent) }
}

/** Takes the extreme of a reading into a spell that goes on anyway. */
export const peakOf = ({ side }: LimitRule, a: number, b: number): number =>
  side === 'above' ? Math.max(a, b) : Math.min(a, b)

function longer(rule: LimitRule, spell: Spell | null, { at, value, receivedAt }: Judgeable): Spell {
  const since = spell?.since ?? at
  const decided = spell === null || spell.startedAt === null
  const lasted = at - since >= rule.forMs
  return {
    since,
    startedAt: decided ? (lasted ? at : null) : spell.startedAt,
    lastAt: at,
    lastValue: value,
    peak: spell === null ? value : peakOf(rule, spell.peak, value),
    errorMs: decided ? Math.abs(receivedAt - at) : spell.errorMs,
  }
}

const isEpisode = (spell: Spell): spell is Spell & { readonly startedAt: EpochMs } => spell.startedAt !== null

const endedBy = (
  spell: Spell & { readonly startedAt: EpochMs },
  endedAt: EpochMs,
  endReason: EndReason,
): Episode => ({ ...spell, endedAt, endReason })
