import { z } from 'zod'
import type { MachineActor } from '../actor.ts'
import { severitySchema } from '../event.ts'
import { CASE_CLOCKS, CASE_STATES, CLOCK_TIMES } from './words.ts'

/**
 * The follow-up log 跟踪记录 of a case: one entry each for what people and the machine did. It is the truth that the
 * case's snapshot is made of (`evolve`). Moves carry the kind of their command; the other kinds only add to the log.
 */
const time = z.iso.datetime()
const state = z.enum(CASE_STATES)
const note = z.string()
const attachments = z.array(z.uuid())
const clock = { clock: z.enum(CASE_CLOCKS), round: z.int(), due: time }
/**
 * The deadline of the clock that the entry starts. It is written down, because holidays are announced later than cases
 * are filed: a log read again gives the deadline that people were told. Absent in logs of older versions.
 */
const deadline = { due: time.optional(), time: z.enum(CLOCK_TIMES).optional() }
const delivery = { step: z.string(), department: z.string(), channel: z.string() }

const casePlaceSchema = z.object({
  address: z.string().optional(),
  lon: z.number().optional(),
  lat: z.number().optional(),
  grid: z.string().optional(),
  datum: z.string().optional(),
})
export type CasePlace = z.infer<typeof casePlaceSchema>

/**
 * How long each clock of a case runs, milliseconds, and in which time (absent: calendar). In working time whole days
 * are work days.
 */
const caseLimitsSchema = z.object({
  accept: z.int(),
  handle: z.int(),
  check: z.int(),
  clock: z.enum(CLOCK_TIMES).optional(),
})
export type CaseLimits = z.infer<typeof caseLimitsSchema>

const entry = <K extends string, D extends z.ZodRawShape>(kind: K, data: D) =>
  z.object({
    kind: z.literal(kind),
    /** Epoch ms. */
    at: z.int(),
    actor: z.object({
      kind: z.enum(['person', 'machine']),
      name: z.string(),
      /** The right it was done by. */
      role: z.string().nullable(),
    }),
    from: state.nullable(),
    to: state.nullable(),
    reason: z.string().nullable(),
    data: z.object(data),
  })

export const caseEventSchema = z.discriminatedUnion('kind', [
  entry('file', {
    no: z.string(),
    type: z.string(),
    severity: severitySchema,
    alertId: z.string().nullable(),
    camera: z.string().nullable(),
    purpose: z.string().nullable(),
    place: casePlaceSchema,
    note: z.string().nullable(),
    limits: caseLimitsSchema,
    /** True: nobody had judged the alert, and filing confirmed it. */
    confirmedByFiling: z.boolean(),
  }),
  entry('dispatch', {
    lead: z.string(),
    assist: z.array(z.string()),
    /** Id of the route that dispatched; null: a person did. */
    route: z.string().nullable(),
    ...deadline,
  }),
  entry('accept', deadline),
  entry('report', { note, attachments, ...deadline }),
  /** `basis` of a passed one: the verifier's own newer photo, or the machine's silence of `watchedMs`. A deadline only when it failed. */
  entry('verify', {
    passed: z.boolean(),
    note,
    attachments,
    basis: z.enum(['photo', 'recheck']).optional(),
    watchedMs: z.int().optional(),
    ...deadline,
  }),
  entry('rework', { count: z.int() }),
  entry('close', {}),
  entry('return', {}),
  entry('extend', { until: time, attachments: attachments.optional() }),
  entry('decide', { asked: z.enum(['return', 'extend']), granted: z.boolean(), ...deadline }),
  /** `leftMs`: time left of the handle clock, in its own time. */
  entry('suspend', { until: time, leftMs: z.int().optional() }),
  entry('resume', deadline),
  entry('void', {}),
  entry('reopen', {}),

  entry('attachment', { id: z.uuid(), name: z.string(), sha256: z.string() }),
  entry('remark', { note, attachments }),
  entry('reminder', clock),
  entry('overdue', clock),
  entry('notified', { ...delivery, messageId: z.string(), code: z.string() }),
  entry('notify_failed', {
    ...delivery,
    messageId: z.string(),
    code: z.string(),
    error: z.string(),
    attempt: z.int(),
    /** ISO time of the next attempt; null: given up, a dead letter. */
    nextAttemptAt: time.nullable(),
  }),
  entry('notify_retry', { ...delivery, messageId: z.string() }),
  entry('unreachable', { step: z.string(), department: z.string(), why: z.string() }),
  entry('alert_resolved', { alertId: z.string() }),
  /** `gone`: pieces of evidence that were not there when it was placed (see `placedHoldShape`). */
  entry('hold', { id: z.uuid(), gone: z.int() }),
  entry('hold_released', { id: z.uuid() }),
  /** `manifest`: SHA-256 of the pack's manifest.json, which has the hashes of all its files. */
  entry('exported', {
    manifest: z.string(),
    files: z.int(),
    bytes: z.int(),
    originals: z.boolean(),
    purpose: z.string(),
  }),
])
export type CaseEvent = z.infer<typeof caseEventSchema>
type CaseEventKind = CaseEvent['kind']
export type CaseEventOf<K extends CaseEventKind> = Extract<CaseEvent, { kind: K }>
export type CaseEventActor = CaseEvent['actor']

/** As whom a part of the machine stands in the log. */
export const machineEntryActor = (name: MachineActor) => ({ kind: 'machine', name, role: null }) as const
