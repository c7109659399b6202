import type {
  DryRunFindings,
  DryRunRequest,
  DryRunSide,
  NotReplayed,
  ReplayedRecording,
} from '../../core/dry-run.ts'
import { type JudgedSet, pictureSets } from './picture-replay.ts'

/**
 * What the track log said, and beside it what the rules over pixels raised. `judged`: of each of `pictureSets`; or why their
 * rules were not judged.
 */
export function withRecording(
  request: DryRunRequest,
  findings: DryRunFindings,
  recording: ReplayedRecording,
  judged: readonly JudgedSet[] | NotReplayed,
): DryRunFindings {
  const places = pictureSets(request)
  const side = (of: DryRunSide, place: number | null): DryRunSide => {
    if (place === null) return of
    const set = typeof judged === 'string' ? null : (judged[place] ?? null)
    const why = typeof judged === 'string' ? judged : null
    return {
      rules: of.rules.map((rule) =>
        rule.source === 'recording' && rule.notReplayed === 'no_recording'
          ? { ...rule, notReplayed: why, unjudgedMs: Math.round(set?.unjudged[rule.rule] ?? 0) }
          : rule,
      ),
      events: [...of.events, ...(set?.events ?? [])].sort((a, b) => a.at - b.at),
    }
  }
  return {
    ...findings,
    inForce: side(findings.inForce, places.inForce),
    candidate: side(findings.candidate, places.candidate),
    recording,
  }
}
