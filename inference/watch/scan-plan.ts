import type { Finding, Rule } from '../rules/rule.ts'

/** When the model has to look. At every picture in which something changes or is suspected, else as rarely as rules allow. */
export interface ScanPlan {
  due(rules: readonly Rule[], changed: boolean, nowMs: number): boolean
  /** The model has looked. */
  done(nowMs: number): void
  /** What a rule said of the picture. */
  note(rule: Rule, finding: Finding, open: boolean): void
}

/** Key frames come at 1.98 s as well as at 2.02 s: a scan due every 2 s must not wait for the next one. */
const EARLY_MS = 250

export function createScanPlan(): ScanPlan {
  let lastMs = Number.NEGATIVE_INFINITY
  const busy = new Set<Rule>()
  return {
    due(rules, changed, nowMs) {
      const looking = rules.filter((rule) => rule.needs.scanMs !== null)
      if (looking.length === 0) return false
      if (changed || looking.some((rule) => busy.has(rule))) return true
      const every = Math.min(...looking.map((rule) => rule.needs.scanMs ?? Number.POSITIVE_INFINITY))
      return nowMs - lastMs >= every - EARLY_MS
    },
    done(nowMs) {
      lastMs = nowMs
    },
    note(rule, finding, open) {
      if (rule.needs.scanMs === null || finding.kind === 'unknown') return
      if (finding.kind === 'present' || open) busy.add(rule)
      else busy.delete(rule)
    },
  }
}
