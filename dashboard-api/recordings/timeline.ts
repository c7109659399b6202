import type { RecordingGap } from '../../core/api/recordings.ts'
import type { CameraStatus } from '../../core/ports/control.ts'
import type { RecordedRanges } from '../../core/ports/recordings.ts'
import type { EpochMs } from '../../core/units.ts'

export interface TimeSpan {
  readonly from: EpochMs
  readonly to: EpochMs
}

/** How a camera was watched, as its coverage says. */
export interface Coverage extends TimeSpan {
  readonly worker: string
  readonly state: CameraStatus['state']
  readonly unavailable: readonly string[]
}

interface Gap extends TimeSpan {
  readonly cause: RecordingGap
  readonly worker: string | null
}

/** Slower cameras send a picture a second: what is further apart was not recorded. */
const HOLE_MS = 1_500
/** The newest pictures are not in a file yet, and coverage is written every 5 s. */
const EDGE_MS = 6_000
/** A lease lasts so long without a word: until then the last state goes on. */
const LEASE_MS = 20_000

/** Sorted spans, those that touch or nearly touch made one. */
export function joined(spans: readonly TimeSpan[], hole = HOLE_MS): TimeSpan[] {
  const all: TimeSpan[] = []
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1)
    if (last && from - last.to <= hole) all[all.length - 1] = { from: last.from, to: Math.max(last.to, to) }
    else all.push({ from, to })
  }
  return all
}

/** As far as it lies in [from, to]; null: not at all. */
export function clipped<T extends TimeSpan>(span: T, { from, to }: TimeSpan): T | null {
  const part = { ...span, from: Math.max(span.from, from), to: Math.min(span.to, to) }
  return part.from < part.to ? part : null
}

/** What was recorded and analysed in `span`, and why there is nothing in the rest of it. `now` ends what is known. */
export function describeRecordings(
  span: TimeSpan,
  facts: {
    readonly now: EpochMs
    readonly keptMs: number
    readonly ranges: RecordedRanges
    readonly coverage: readonly Coverage[]
  },
): {
  readonly recorded: TimeSpan[]
  readonly analysed: (TimeSpan & Pick<Coverage, 'unavailable'>)[]
  readonly gaps: Gap[]
} {
  const { now, keptMs, ranges } = facts
  const coverage = facts.coverage.map((one) => (now - one.to < LEASE_MS ? { ...one, to: now } : one))
  const recorded = joined(ranges.stretches).flatMap((one) => clipped(one, span) ?? [])
  const gaps: Gap[] = []
  let at = span.from
  for (const one of [...recorded, { from: span.to, to: span.to }]) {
    const isEdge = one.from === span.to && now - one.from < EDGE_MS
    if (one.from - at > (isEdge ? EDGE_MS : HOLE_MS)) {
      const causes = causesOf({ from: at, to: one.from }, coverage, now - keptMs, ranges.away)
      for (const gap of causes) add(gaps, gap)
    }
    at = Math.max(at, one.to)
  }
  const analysed = coverage
    .filter(({ state }) => state === 'online')
    .flatMap((one) => clipped(one, span) ?? [])
  return { recorded, analysed: sameJoined(analysed), gaps }
}

function causesOf(
  gap: TimeSpan,
  coverage: readonly Coverage[],
  keptFrom: EpochMs,
  away: readonly string[],
): readonly Gap[] {
  const found: Gap[] = []
  const rest = clipped(gap, { from: Math.max(gap.from, keptFrom), to: gap.to })
  if (gap.from < keptFrom)
    found.push({ from: gap.from, to: Math.min(gap.to, keptFrom), cause: 'expired', worker: null })
  if (!rest) return found
  let at = rest.from
  const nobody = (to: EpochMs) => {
    if (to > at) found.push({ from: at, to, cause: 'unassigned', worker: null })
  }
  for (const one of coverage) {
    const part = clipped(one, { from: at, to: rest.to })
    if (!part) continue
    nobody(part.from)
    const { from, to, worker, state } = part
    const cause = state !== 'online' ? 'offline' : away.includes(worker) ? 'away' : 'lost'
    found.push({ from, to, cause, worker: cause === 'away' ? worker : null })
    at = to
  }
  nobody(rest.to)
  return found
}

function add(gaps: Gap[], gap: Gap): void {
  const last = gaps.at(-1)
  const goesOn = last && last.to === gap.from && last.cause === gap.cause && last.worker === gap.worker
  if (goesOn) gaps[gaps.length - 1] = { ...last, to: gap.to }
  else gaps.push(gap)
}

function sameJoined(all: readonly Coverage[]): (TimeSpan & Pick<Coverage, 'unavailable'>)[] {
  const joinedUp: (TimeSpan & Pick<Coverage, 'unavailable'>)[] = []
  for (const { from, to, unavailable } of all) {
    const last = joinedUp.at(-1)
    const same = last && from - last.to <= HOLE_MS && last.unavailable.join() === unavailable.join()
    if (same) joinedUp[joinedUp.length - 1] = { ...last, to }
    else joinedUp.push({ from, to, unavailable })
  }
  return joinedUp
}
