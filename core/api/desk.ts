import { z } from 'zod'
import { VERDICTS } from '../alert.ts'
import { CASE_STATES } from '../case/words.ts'
import { severitySchema } from '../event.ts'
import { toldShape } from '../told.ts'
import { alertItemShape, placeShape } from './shapes.ts'

/** The operator's desk: HTTP contract. */

const at = z.iso.datetime()
const count = z.int().min(0)
const text = z.string().trim().min(1)

/** How many of each severity. */
const bySeverity = z.object({ 1: count, 2: count, 3: count, 4: count })

/** What was, or is, open at a hand-over. Lists are cut at 50; the numbers are whole. */
export const openMattersShape = z.object({
  toVerify: count,
  severities: bySeverity,
  /** Cases that wait for an operator's move. */
  waiting: count,
  overdue: count,
  muted: count,
  /** Notifications of open matters that could not be delivered. */
  dead: count,
  cases: z.array(
    z.object({
      no: z.string(),
      state: z.enum(CASE_STATES),
      type: z.string(),
      severity: severitySchema,
      place: placeShape,
      dueAt: at.nullable(),
      overdue: z.boolean(),
    }),
  ),
  mutes: z.array(
    z.object({
      alert: z.uuid(),
      type: z.string(),
      severity: severitySchema,
      until: at,
      by: z.string(),
      reason: z.string(),
    }),
  ),
})
export type OpenMatters = z.infer<typeof openMattersShape>

export const shiftShape = z.object({
  id: z.uuid(),
  who: z.string(),
  startedAt: at,
  endedAt: at.nullable(),
  /** What the one who ended it has written; null: it is going on. */
  note: z.string().nullable(),
  /** As it was at the end. */
  open: openMattersShape.nullable(),
  takenBy: z.string().nullable(),
  takenAt: at.nullable(),
})
export type Shift = z.infer<typeof shiftShape>

export const deskShape = z.object({
  now: at,
  /** Alarms that opened in the last 10 minutes. */
  rate10m: count,
  flood: z.object({ since: at }).nullable(),
  /** Alerts that nobody has judged and that are not muted. */
  toVerify: count,
  /** The same by severity. */
  open: bySeverity,
  muted: count,
  /** The asker's own shift; null: not on duty. */
  shift: shiftShape.nullable(),
  /** Who is on duty, the longest first. */
  onDuty: z.array(z.object({ who: z.string(), startedAt: at })),
  /** Hand-overs that nobody has taken yet, the oldest first. */
  handovers: z.array(shiftShape),
})
export type Desk = z.infer<typeof deskShape>

export const startShiftBody = z.strictObject({
  /** Hand-overs that were read; every one that waits has to be among them. */
  taken: z.array(z.uuid()).max(100).default([]),
})
export const endShiftBody = z.strictObject({ note: text.max(4_000) })

export const claimsShape = z.object({
  items: z.array(z.object({ alert: z.uuid(), who: z.string(), until: at })),
})
export type Claim = z.infer<typeof claimsShape>['items'][number]

export const muteBody = z.strictObject({
  until: z.iso.datetime({ offset: true }).transform((moment) => Date.parse(moment)),
  reason: text.max(200),
})
export const withdrawBody = z.strictObject({ reason: text.max(200) })

/** Alerts to verify of one place and type. */
export const alertGroupShape = z.object({
  /** `<source>|<type>`; the same as long as the group is there. */
  id: z.string(),
  n: count,
  severities: bySeverity,
  /** How many different rules. */
  rules: z.int().min(1),
  firstAt: at,
  lastAt: at,
  newest: alertItemShape,
})
export type AlertGroup = z.infer<typeof alertGroupShape>
export const alertGroupsShape = z.object({
  items: z.array(alertGroupShape),
  /** Groups and alerts there are, also beyond those listed. */
  groups: count,
  alerts: count,
  asOf: z.string(),
})
export type AlertGroups = z.infer<typeof alertGroupsShape>

export const groupVerdictBody = z.strictObject({
  alerts: z.array(z.uuid()).min(1).max(200),
  verdict: z.enum(VERDICTS),
  reason: text.max(200).optional(),
  note: z.string().trim().max(2_000).optional(),
})
export const groupVerdictShape = z.object({
  items: z.array(
    z.object({
      alert: z.uuid(),
      /** Null: judged. Else the code of the refusal, for example `state_conflict`: a colleague was first. */
      refused: z.string().nullable(),
      detail: z.string().nullable(),
      /** The same by code, for pages. Null: judged, or the detail says all. */
      why: toldShape.nullable(),
    }),
  ),
})
export type GroupVerdictAnswer = z.infer<typeof groupVerdictShape>
