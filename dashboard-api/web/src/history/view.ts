/** A stretch of time on screen or in a recording, epoch ms. */
export interface Span {
  readonly from: number
  readonly to: number
}

export const SHORTEST_MS = 10_000
export const LONGEST_MS = 24 * 3_600_000

/** The view within the day: no shorter than 10 s, no longer than 24 h (and the day), never outside of it. */
export function fitted({ from, to }: Span, day: Span): Span {
  const length = Math.min(Math.max(to - from, SHORTEST_MS), LONGEST_MS, day.to - day.from)
  const middle = (from + to) / 2
  const begin = Math.min(Math.max(middle - length / 2, day.from), day.to - length)
  return { from: begin, to: begin + length }
}

/** `factor` below 1 comes nearer; what is at `anchor` stays where it is, as far as the day lets it. */
export function zoomed(view: Span, factor: number, anchor: number, day: Span): Span {
  const length = Math.min(Math.max((view.to - view.from) * factor, SHORTEST_MS), day.to - day.from)
  const share = (anchor - view.from) / (view.to - view.from)
  const from = anchor - length * share
  return fitted({ from, to: from + length }, day)
}

/** The view when the playhead is at `at`: moved on by pages when it leaves it. */
export function following(view: Span, at: number, day: Span): Span {
  if (at >= view.from && at <= view.to) return view
  const length = view.to - view.from
  return fitted({ from: at - length / 2, to: at + length / 2 }, day)
}

export const xOf = (at: number, view: Span, width: number): number =>
  ((at - view.from) / (view.to - view.from)) * width
export const timeAt = (x: number, view: Span, width: number): number =>
  view.from + (x / width) * (view.to - view.from)

const STEPS_S = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 10_800, 21_600]

/** Marks of the scale, at least `apart` pixels from each other, on round times of the day. */
export function ticks(
  view: Span,
  day: Span,
  width: number,
  apart = 80,
): { readonly step: number; readonly at: number[] } {
  const perPixel = (view.to - view.from) / Math.max(width, 1)
  const step = (STEPS_S.find((seconds) => seconds * 1_000 >= perPixel * apart) ?? 21_600) * 1_000
  const first = day.from + Math.ceil((view.from - day.from) / step) * step
  const at: number[] = []
  for (let tick = first; tick <= view.to; tick += step) at.push(tick)
  return { step, at }
}

export const holds = (spans: readonly Span[], at: number): boolean =>
  spans.some(({ from, to }) => from <= at && at <= to)

/** `at` where something is recorded, else the nearest edge of what is; null: nothing is recorded. */
export function nearestRecorded(recorded: readonly Span[], at: number): number | null {
  if (holds(recorded, at)) return at
  let best: number | null = null
  for (const edge of recorded.flatMap(({ from, to }) => [from, to]))
    if (best === null || Math.abs(edge - at) < Math.abs(best - at)) best = edge
  return best
}

/** Where the next recording after `at` begins; null: none does. */
export function nextRecorded(recorded: readonly Span[], at: number): number | null {
  const later = recorded.map(({ from }) => from).filter((from) => from > at)
  return later.length > 0 ? Math.min(...later) : null
}

/** The event after (`1`) or before (`-1`) a moment; null: there is none. Half a second does not count: it is the same. */
export function eventBeside(times: readonly number[], at: number, direction: 1 | -1): number | null {
  const beside = times.filter((time) => (time - at) * direction > 500)
  if (beside.length === 0) return null
  return direction === 1 ? Math.min(...beside) : Math.max(...beside)
}
