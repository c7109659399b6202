import type { DryRunItem } from '../../core/api/dry-run.ts'
import {
  type ComparedEvent,
  compareEvents,
  type DryRunFindings,
  type DryRunSide,
  type ReplayedRecording,
  type ReplayedRule,
  type Stretch,
} from '../../core/dry-run.ts'

type Result = NonNullable<DryRunItem['result']>

/** More are counted and not listed. */
const MOST_LISTED = 500

/** The events of both sets in the order of time: their numbers name pictures. */
export const comparedOf = ({ inForce, candidate }: DryRunFindings): readonly ComparedEvent[] =>
  compareEvents(inForce.events, candidate.events)

/** What was found, rule by rule and event by event. */
export function describeFindings(findings: DryRunFindings): Result {
  const { inForce, candidate, log, recording, away } = findings
  const compared = comparedOf(findings)
  const ids = [...new Set([...candidate.rules, ...inForce.rules].map(({ rule }) => rule))]
  return {
    rules: ids.map((id) => {
      const [after, before] = [ruleOf(candidate, id), ruleOf(inForce, id)]
      const mine = compared.filter(({ event }) => event.rule === id)
      return {
        rule: id,
        type: ((after ?? before) as ReplayedRule).type,
        candidate: after && outcome(candidate, after),
        inForce: before && outcome(inForce, before),
        added: mine.filter(({ side }) => side === 'added').length,
        gone: mine.filter(({ side }) => side === 'gone').length,
      }
    }),
    events: compared.slice(0, MOST_LISTED).map(({ event, side }, n) => ({
      ...{ n, side, rule: event.rule, type: event.type, zone: event.zone, severity: event.severity },
      ...{ since: iso(event.since), at: iso(event.at), end: event.end === null ? null : iso(event.end) },
      score: event.score,
      box: event.box && [event.box[0], event.box[1], event.box[2], event.box[3]],
    })),
    total: compared.length,
    log: { ...log, stretches: spansOf(log.stretches) },
    recording: recording ? describeRecording(recording) : null,
    away: [...away],
  }
}

const ruleOf = (side: DryRunSide, id: string): ReplayedRule | null =>
  side.rules.find(({ rule }) => rule === id) ?? null

const describeRecording = ({ pictures, damaged, stretches, speed, longestMs }: ReplayedRecording) => ({
  ...{ pictures, damaged, stretches: spansOf(stretches) },
  speed: speed && Math.round(speed * 10) / 10,
  longestS: Math.floor(longestMs / 1_000),
})

const spansOf = (stretches: readonly Stretch[]) =>
  stretches.map(({ from, to }) => ({ from: iso(from), to: iso(to) }))

/** What was not judged is not zero; a rule that is switched off raises nothing. */
const outcome = (
  side: DryRunSide,
  { rule, zone, source, notReplayed, unjudgedMs, weakerThanLog, seenOnce }: ReplayedRule,
) => ({
  ...{ zone, reason: notReplayed, source, weakerThanLog, seenOnce },
  unjudgedS: Math.round(unjudgedMs / 100) / 10,
  events:
    notReplayed === null || notReplayed === 'disabled'
      ? side.events.filter((event) => event.rule === rule).length
      : null,
})

const iso = (at: number): string => new Date(Math.round(at)).toISOString()
