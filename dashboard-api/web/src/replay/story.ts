import type { ReplayEntry } from '../../../../core/api/history.ts'

/** What a replay stops at. Coverage and looks are no steps: nobody did anything to the case. */
export type Step = Extract<ReplayEntry, { what: 'event' | 'alert' | 'case' | 'notification' }>

export const stepsOf = (entries: readonly ReplayEntry[]): readonly Step[] =>
  entries.filter((entry): entry is Step => entry.what !== 'coverage' && entry.what !== 'look')

/** One message to one recipient, as far as it was known. */
export interface Told {
  readonly id: string
  readonly step: string
  readonly department: string
  readonly channel: string
  readonly recipient: string
  /** `queued`, or the outcome of the last call. */
  readonly outcome: string
  readonly error: string | null
  /** Of the channel's answer. */
  readonly code: string | null
  readonly at: string
}

/** The world of a case at one of its steps, the step itself included. */
export interface World {
  /** Null: not filed yet. */
  readonly caseState: string | null
  readonly alertState: string | null
  readonly verdict: string | null
  readonly lead: string | null
  readonly severity: number | null
  /** Of the latest event: what was measured, and against what. */
  readonly measured: Readonly<Record<string, number>>
  readonly thresholds: Readonly<Record<string, number>>
  readonly told: readonly Told[]
  /** Ids of attachments that were uploaded. */
  readonly uploaded: ReadonlySet<string>
}

const BEFORE: World = {
  caseState: null,
  alertState: null,
  verdict: null,
  lead: null,
  severity: null,
  measured: {},
  thresholds: {},
  told: [],
  uploaded: new Set(),
}

/** Folds the steps up to and with `index`. */
export const worldAt = (steps: readonly Step[], index: number): World =>
  steps.slice(0, index + 1).reduce(after, BEFORE)

function after(world: World, step: Step): World {
  switch (step.what) {
    case 'event':
      return {
        ...world,
        severity: world.severity ?? step.severity,
        measured: numbers(step.state.measured),
        thresholds: numbers(step.state.thresholds),
      }
    case 'alert':
      return {
        ...world,
        alertState: step.state ?? world.alertState,
        severity: step.severity,
        verdict: step.verdict ?? world.verdict,
      }
    case 'case': {
      const { to, kind, data } = step
      const lead = kind === 'dispatch' && typeof data.lead === 'string' ? data.lead : world.lead
      const added = kind === 'attachment' && typeof data.id === 'string' ? [data.id] : []
      return {
        ...world,
        caseState: to ?? world.caseState,
        lead: to === 'pending_dispatch' ? null : lead,
        uploaded: added.length > 0 ? new Set([...world.uploaded, ...added]) : world.uploaded,
      }
    }
    case 'notification': {
      const { notification: id, department, channel, recipient, error, code, at } = step
      const outcome = step.kind === 'queued' ? 'queued' : (step.outcome ?? 'unknown')
      const told: Told = { id, step: step.step, department, channel, recipient, outcome, error, code, at }
      return { ...world, told: [...world.told.filter((each) => each.id !== id), told] }
    }
  }
}

function numbers(value: unknown): Record<string, number> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, number] => typeof pair[1] === 'number'),
  )
}

/** `?step=` counts from 1; anything else is the first step. */
export function stepIndex(text: string | null, count: number): number {
  const n = Number(text)
  return Number.isInteger(n) && n >= 1 ? Math.min(n, Math.max(1, count)) - 1 : 0
}
