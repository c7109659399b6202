import { z } from 'zod'
import type { HazardType } from './catalogue.ts'
import type { SharpEyesError } from './errors.ts'
import type { Severity } from './event.ts'
import type { Box } from './geometry.ts'
import { refusalOf } from './refusal.ts'
import { toldShape } from './told.ts'
import type { EpochMs } from './units.ts'

/** Zones and rules of one camera in the form of the city file, as the schemas of core/config read them. */
export interface RuleSetText {
  readonly zones: unknown
  readonly rules: unknown
}

/** What to judge again: the same stretch of a camera's past by the rules in force and by others. Plain data. */
export interface DryRunRequest {
  readonly camera: string
  /** IANA name of the city's zone, for `hours` of rules. */
  readonly timezone: string
  readonly privacy: unknown
  readonly inForce: RuleSetText
  readonly candidate: RuleSetText
  /** Events that begin in [from, to). */
  readonly from: EpochMs
  readonly to: EpochMs
}

/** An event that a rule raised in a replay. */
export interface RaisedEvent {
  readonly rule: string
  readonly type: HazardType
  readonly zone: string | null
  readonly severity: Severity
  /** When the hazard began, when that became an event, and when it ended; null: it was open at the end of the span. */
  readonly since: EpochMs
  readonly at: EpochMs
  readonly end: EpochMs | null
  /** The best of it, 0..1. */
  readonly score: number
  /** Where, as it began; null: the rule names no place. */
  readonly box: Box | null
}

/**
 * Why a rule was not judged again. `disabled`: it is switched off. `no_log`: nothing was logged in the span. `no_model`:
 * the model of the span does not know what the type needs. `not_built`: the program cannot watch the type. `supervision`:
 * it does not come from pictures. `no_recording`: it judges pixels, and none of the span are recorded. `damaged`: what is
 * recorded could not be decoded. `too_long`: more is recorded than the worker judges at once.
 */
export const NOT_REPLAYED = [
  'disabled',
  'no_log',
  'no_model',
  'not_built',
  'supervision',
  'no_recording',
  'damaged',
  'too_long',
] as const
export type NotReplayed = (typeof NOT_REPLAYED)[number]

/** What a rule was judged by: what the model found, as it was logged, or the recorded pictures. */
export const REPLAY_SOURCES = ['log', 'recording'] as const
export type ReplaySource = (typeof REPLAY_SOURCES)[number]

/** What became of one rule of a set. */
export interface ReplayedRule {
  readonly rule: string
  readonly type: HazardType
  readonly zone: string | null
  readonly source: ReplaySource
  /** Null: it was judged again. */
  readonly notReplayed: NotReplayed | null
  /** Recorded time of the span in which it said nothing: it learned the background, or it was too dark for it. */
  readonly unjudgedMs: number
  /** It asks for weaker finds than the log has: what it would have raised by them is not counted. */
  readonly weakerThanLog: boolean
  /** Fire and smoke were looked at once when the log was written: live, with the rule, the model looks twice. */
  readonly seenOnce: boolean
}

export interface DryRunSide {
  readonly rules: readonly ReplayedRule[]
  /** In the order of `at`. */
  readonly events: readonly RaisedEvent[]
}

export interface Stretch {
  readonly from: EpochMs
  readonly to: EpochMs
}

/** What the answer rests on. */
export interface ReplayedLog {
  readonly pictures: number
  /** Of them, those that a model looked at. */
  readonly looks: number
  /** Pictures that were analysed and could not be written. */
  readonly lost: number
  /** The log is complete from this score on; null: nothing was logged. */
  readonly scoreFrom: number | null
  /** Without gaps over a minute, as far as they lie in the span; of more than 2,000 the shortest gaps are left out. */
  readonly stretches: readonly Stretch[]
}

/** The recorded pictures that rules over pixels were judged by. */
export interface ReplayedRecording {
  /** Decoded and judged, in the span. */
  readonly pictures: number
  /** Key frames in the span that could not be decoded. */
  readonly damaged: number
  /** What of the span is recorded, without gaps over some seconds; of more than 2,000 the shortest gaps are left out. */
  readonly stretches: readonly Stretch[]
  /** So many seconds of recording were judged in one; null: none. */
  readonly speed: number | null
  /** So much recorded time is judged at once, by what was measured on this worker. */
  readonly longestMs: number
}

export interface DryRunFindings {
  readonly inForce: DryRunSide
  readonly candidate: DryRunSide
  readonly log: ReplayedLog
  /** Null: no enabled rule judges pixels. */
  readonly recording: ReplayedRecording | null
  /** Workers that held the camera in the span and could not be asked. */
  readonly away: readonly string[]
}

export const DRY_RUN_STEPS = ['waiting', 'tracks', 'pictures'] as const

/** What a run waits for in a worker's line. */
export interface DryRunAhead {
  /** The run that is judged now. */
  readonly run: string
  /** So many have their turn before it, the one that is judged now included; 1 or more. */
  readonly runs: number
}

export interface DryRunProgress {
  readonly step: (typeof DRY_RUN_STEPS)[number]
  /** 0..1 of the step; of `pictures`: how far in the span the recorded pictures are that are judged now. */
  readonly share: number
  /** Left out: no other run is before it, or its worker is an older program. */
  readonly ahead?: DryRunAhead | undefined
}

export interface DryRunWatch {
  /** Names the run to those that wait behind it. */
  readonly id: string
  readonly signal: AbortSignal
  readonly onProgress: (progress: DryRunProgress) => void
}

/** Why a dry run did not end well: the error's code and English, and its `details.why` for pages. An older program leaves `why` out. */
export const dryRunProblem = z.object({ code: z.string(), detail: z.string(), why: toldShape.nullish() })
export type DryRunProblem = z.infer<typeof dryRunProblem>

export const problemOf = ({ code, message, details }: SharpEyesError): DryRunProblem => ({
  ...{ code, detail: message, why: refusalOf(details) },
})

/** Judges again what a camera saw. Nothing is raised, sent or changed. */
export interface DryRuns {
  /** Throws `not_ready` when nobody who held the camera can be asked, `too_many_requests`, `too_large`; ends with the signal. */
  run(request: DryRunRequest, watch: DryRunWatch): Promise<DryRunFindings>
}

/** A camera is asked for at most so long a span. */
export const MAX_DRY_RUN_MS = 24 * 3_600_000

export interface ComparedEvent {
  readonly event: RaisedEvent
  /** `added`: only by the candidate; `gone`: only by the rules in force. */
  readonly side: 'both' | 'added' | 'gone'
}

/**
 * Lays the events of two rule sets side by side: two of one rule (or, where its name changed, of one type and zone) that
 * overlap in time are one matter. Each stands for at most one of the other set. In the order of `at`.
 */
export function compareEvents(
  inForce: readonly RaisedEvent[],
  candidate: readonly RaisedEvent[],
): readonly ComparedEvent[] {
  const left = new Set(inForce)
  const partner = (event: RaisedEvent, same: (other: RaisedEvent) => boolean): RaisedEvent | undefined => {
    for (const other of left) if (same(other) && overlap(event, other)) return other
    return undefined
  }
  const compared: ComparedEvent[] = candidate.map((event) => {
    const other =
      partner(event, ({ rule, type }) => rule === event.rule && type === event.type) ??
      partner(event, ({ type, zone }) => type === event.type && zone === event.zone)
    if (other) left.delete(other)
    return { event, side: other ? 'both' : 'added' }
  })
  for (const event of left) compared.push({ event, side: 'gone' })
  return compared.sort((a, b) => a.event.at - b.event.at)
}

const overlap = (a: RaisedEvent, b: RaisedEvent): boolean =>
  a.since <= (b.end ?? Number.POSITIVE_INFINITY) && b.since <= (a.end ?? Number.POSITIVE_INFINITY)

/** Answers of several workers that held the camera one after the other, as one. At least one. */
export function joinFindings(all: readonly DryRunFindings[], away: readonly string[]): DryRunFindings {
  const sides = (of: (findings: DryRunFindings) => DryRunSide): DryRunSide => ({
    rules: bestOfEach(all.flatMap((findings) => of(findings).rules)),
    events: all.flatMap((findings) => of(findings).events).sort((a, b) => a.at - b.at),
  })
  const scores = all.map(({ log }) => log.scoreFrom).filter((score) => score !== null)
  const sum = (of: (log: ReplayedLog) => number) => all.reduce((total, { log }) => total + of(log), 0)
  return {
    inForce: sides(({ inForce }) => inForce),
    candidate: sides(({ candidate }) => candidate),
    log: {
      pictures: sum((log) => log.pictures),
      looks: sum((log) => log.looks),
      lost: sum((log) => log.lost),
      scoreFrom: scores.length > 0 ? Math.max(...scores) : null,
      stretches: inOrder(all.flatMap(({ log }) => log.stretches)),
    },
    recording: joinRecordings(all.flatMap(({ recording }) => recording ?? [])),
    away,
  }
}

function joinRecordings(all: readonly ReplayedRecording[]): ReplayedRecording | null {
  if (all.length === 0) return null
  const speeds = all.flatMap(({ speed }) => speed ?? [])
  return {
    pictures: all.reduce((total, { pictures }) => total + pictures, 0),
    damaged: all.reduce((total, { damaged }) => total + damaged, 0),
    stretches: inOrder(all.flatMap(({ stretches }) => stretches)),
    speed: speeds.length > 0 ? Math.min(...speeds) : null,
    longestMs: Math.min(...all.map(({ longestMs }) => longestMs)),
  }
}

const inOrder = (stretches: readonly Stretch[]) => stretches.toSorted((a, b) => a.from - b.from)

/**
 * A rule that one worker judged was judged; where each of two did, neither said anything in its unjudged time. Where none
 * did, too much recording at one worker says more than none at another, and so does a damaged one.
 */
const TELLING: readonly (NotReplayed | null)[] = ['no_recording', 'damaged', 'too_long']
function bestOfEach(rules: readonly ReplayedRule[]): readonly ReplayedRule[] {
  const best = new Map<string, ReplayedRule>()
  for (const rule of rules) {
    const known = best.get(rule.rule)
    if (!known || (known.notReplayed !== null && rule.notReplayed === null)) best.set(rule.rule, rule)
    else if (TELLING.indexOf(known.notReplayed) < TELLING.indexOf(rule.notReplayed)) best.set(rule.rule, rule)
    else if (known.notReplayed === null && rule.notReplayed === null)
      best.set(rule.rule, {
        ...known,
        unjudgedMs: known.unjudgedMs + rule.unjudgedMs,
        weakerThanLog: known.weakerThanLog || rule.weakerThanLog,
        seenOnce: known.seenOnce || rule.seenOnce,
      })
  }
  return [...best.values()]
}
