import type { EpochMs } from '../units.ts'
import {
  type Episode,
  evaluate,
  findingOf,
  type Judgeable,
  type LimitRule,
  type LimitState,
  NOTHING_YET,
  openEpisode,
  peakOf,
  step,
} from './limit.ts'

/** The stored readings of one sensor that are a basis, with the marks on them, as they are now. */
export interface ReadingHistory {
  /** Earlier than `at`, latest first. */
  before(at: EpochMs): AsyncIterable<Judgeable>
  /** Later than `at` (null: all), earliest first. */
  after(at: EpochMs | null): AsyncIterable<Judgeable>
  /** Whether an exceedance that was told goes on over the beginning of what is kept: earlier readings are deleted. */
  beginsInside(): Promise<boolean>
}

/** What is true now of the time after `after` (null: of all time) up to `until` (null: up to the present). */
export interface Judgement {
  readonly after: EpochMs | null
  readonly until: EpochMs | null
  /** Every exceedance in that time, in order. The last one may go on. */
  readonly episodes: readonly Episode[]
  readonly state: LimitState
}

/** What came: readings that are stored by now and were not known to `state`, in any order, and times whose marks changed. */
export interface News {
  readonly readings: readonly Judgeable[]
  readonly remarked: readonly { readonly from: EpochMs; readonly to: EpochMs }[]
}

/**
 * Takes news into the judgement. In order of time (nearly always) it needs nothing but `state`; otherwise it reads
 * around the news. Gives the same in the end, in whatever order and portions readings and marks came.
 */
export async function judge(
  rule: LimitRule,
  state: LimitState,
  { readings, remarked }: News,
  history: ReadingHistory,
): Promise<Judgement> {
  const sorted = readings
    .filter((reading) => findingOf(rule, reading) !== null)
    .toSorted((a, b) => a.at - b.at)
  const { lastAt } = state
  const late = remarked.length > 0 || sorted.some(({ at }) => lastAt !== null && at <= lastAt)
  if (!late) return inOrder(rule, state, sorted)
  if (remarked.length === 0) {
    const within = insideSpell(rule, state, sorted)
    if (within) return within
  }
  const from = Math.min(...sorted.map(({ at }) => at), ...remarked.map((range) => range.from))
  const to = Math.max(...sorted.map(({ at }) => at), ...remarked.map((range) => range.to))
  const start = await startBefore(rule, from, history)
  // What is not kept cannot be judged again: only what is new is.
  if (start === 'unknown')
    return inOrder(
      rule,
      state,
      sorted.filter(({ at }) => lastAt === null || at > lastAt),
    )
  return rejudge(rule, state, { start, to }, history)
}

function inOrder(rule: LimitRule, state: LimitState, readings: readonly Judgeable[]): Judgement {
  const { state: now, ended } = evaluate(rule, readings, state)
  const open = openEpisode(now)
  return {
    after: state.spell ? state.spell.since - 1 : state.lastAt,
    until: null,
    episodes: open ? [...ended, open] : ended,
    state: now,
  }
}

/**
 * Late readings inside the exceedance that goes on, none of which ends it: only its peak can change. A device that sends
 * what it missed while the limit is exceeded must not have weeks read again.
 */
function insideSpell(rule: LimitRule, state: LimitState, readings: readonly Judgeable[]): Judgement | null {
  const { spell } = state
  if (!spell || spell.startedAt === null) return null
  const { startedAt, lastAt } = spell
  const inside = readings.every(
    (reading) => reading.at > startedAt && reading.at < lastAt && findingOf(rule, reading) !== 'clear',
  )
  if (!inside) return null
  const peak = readings.reduce((worst, { value }) => peakOf(rule, worst, value), spell.peak)
  const now = { ...state, spell: { ...spell, peak } }
  const open = openEpisode(now)
  return { after: spell.since - 1, until: null, episodes: open ? [open] : [], state: now }
}

/**
 * The last reading before the news that was clear: after it nothing was exceeded, whatever came before. Null: there is
 * none, and nothing was exceeded before the first reading. Where an exceedance goes on over the first that is kept, the
 * first clear one; `unknown`: there is none.
 */
async function startBefore(
  rule: LimitRule,
  from: EpochMs,
  history: ReadingHistory,
): Promise<EpochMs | null | 'unknown'> {
  const isClear = (reading: Judgeable) => findingOf(rule, reading) === 'clear'
  for await (const reading of history.before(from)) if (isClear(reading)) return reading.at
  if (!(await history.beginsInside())) return null
  for await (const reading of history.after(null)) if (isClear(reading)) return reading.at
  return 'unknown'
}

/** To the first reading after the news that is clear (after it nothing is, whatever came in between), or to the present. */
async function rejudge(
  rule: LimitRule,
  state: LimitState,
  { start, to }: { readonly start: EpochMs | null; readonly to: EpochMs },
  history: ReadingHistory,
): Promise<Judgement> {
  let now: LimitState = start === null ? NOTHING_YET : { lastAt: start, spell: null }
  const episodes: Episode[] = []
  for await (const reading of history.after(start)) {
    const { state: next, ended } = step(rule, now, reading)
    now = next
    if (ended) episodes.push(ended)
    if (reading.at > to && findingOf(rule, reading) === 'clear')
      return { after: start, until: reading.at, episodes, state }
  }
  const open = openEpisode(now)
  if (open) episodes.push(open)
  return { after: start, until: null, episodes, state: now }
}
