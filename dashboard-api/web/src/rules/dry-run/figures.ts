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
