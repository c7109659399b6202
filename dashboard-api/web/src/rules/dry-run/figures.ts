import type { DryRunResult } from '../../api/dry-runs.ts'
import type { RuleSet } from '../model.ts'

export type RuleRow = DryRunResult['rules'][number]

/** What is judged: two drafts with the same mark give the same answer. Privacy masks are those in force. */
export const markOf = ({ zones, rules }: Pick<RuleSet, 'zones' | 'rules'>): string =>
  JSON.stringify([Object.entries(zones).sort(([a], [b]) => (a < b ? -1 : 1)), rules])

/** Sums over the rules that both sets were judged by; null where a set was judged by none. */
export function totalsOf(rules: readonly RuleRow[]) {
  const sum = (of: (row: RuleRow) => number | null | undefined) => {
    const counts = rules.map(of).filter((count) => typeof count === 'number')
    return counts.length === 0 ? null : counts.reduce((total, count) => total + count, 0)
  }
  return {
    candidate: sum(({ candidate }) => candidate?.events),
    inForce: sum(({ inForce }) => inForce?.events),
    added: sum(({ added }) => added) ?? 0,
    gone: sum(({ gone }) => gone) ?? 0,
  }
}

/** Share of the span that the log covers, 0..1. */
export function coveredShare(
  span: { readonly from: string; readonly to: string },
  stretches: readonly { readonly from: string; readonly to: string }[],
): number {
  const length = ({ from, to }: { readonly from: string; readonly to: string }) =>
    Date.parse(to) - Date.parse(from)
  const covered = stretches.reduce((sum, stretch) => sum + length(stretch), 0)
  return length(span) > 0 ? Math.min(1, covered / length(span)) : 0
}

type Span = { readonly from: string; readonly to: string }

/** Gaps shorter than this are no gaps: cameras that send a picture a second, and the edges of a span. */
const GAP_MS = 5_000

/** What of the span lies in no stretch, in the order of time. Stretches may touch or overlap. */
export function gapsOf(span: Span, stretches: readonly Span[]): readonly { from: number; to: number }[] {
  const gaps: { from: number; to: number }[] = []
  let at = Date.parse(span.from)
  const end = Date.parse(span.to)
  const add = (to: number) => {
    if (to - at > GAP_MS) gaps.push({ from: at, to })
  }
  for (const { from, to } of stretches.toSorted((a, b) => Date.parse(a.from) - Date.parse(b.from))) {
    add(Math.min(Date.parse(from), end))
    at = Math.max(at, Date.parse(to))
  }
  add(end)
  return gaps
}

/** The moment of the span that is judged now, epoch ms. */
export const reachedAt = (span: Span, share: number): number =>
  Date.parse(span.from) + share * (Date.parse(span.to) - Date.parse(span.from))
