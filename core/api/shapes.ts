import { z } from 'zod'
import { ROLES } from '../actor.ts'
import { ALERT_STATES, VERDICTS } from '../alert.ts'
import { attentionWhyShape } from '../attention.ts'
import { CASE_CLOCKS, CASE_COMMANDS, CASE_STATES, CLOCK_TIMES } from '../case/words.ts'
import { PURPOSES } from '../catalogue.ts'
import { CHANGE_TOPICS } from '../changes.ts'
import { hazardEventSchema, severitySchema } from '../event.ts'
import { toldShape } from '../told.ts'
import { attachmentFacts } from './field.ts'
import { holdShape } from './holds.ts'
import { recheckShape } from './recheck.ts'

/** The HTTP contract: the server answers with these, the browser app has its types from them, OpenAPI is made of them. */

const at = z.iso.datetime()
const label = z.object({ zh: z.string(), en: z.string() })
const picture = z.enum(['ready', 'pending', 'failed', 'expired', 'none'])
export const placeShape = z.object({
  address: z.string().optional(),
  lon: z.number().optional(),
  lat: z.number().optional(),
  grid: z.string().optional(),
  datum: z.string().optional(),
})

/** RFC 9457. `code` is stable; texts are not. */
export const problemShape = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  /** Number to tell the engineer. */
  instance: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
})

export const sessionShape = z.object({
  name: z.string(),
  roles: z.array(z.enum(ROLES)),
  department: z.string().nullable(),
  mustChangePassword: z.boolean(),
  city: z.object({ name: z.string(), timezone: z.string(), datum: z.string() }),
  /** Server time, so that a wrong clock of the PC is seen. */
  now: at,
})
export type Session = z.infer<typeof sessionShape>

export const alertItemShape = z.object({
  id: z.uuid(),
  type: z.string(),
  severity: severitySchema,
  state: z.enum(ALERT_STATES),
  verdict: z.enum(VERDICTS).nullable(),
  verdictReason: z.string().nullable(),
  verdictBy: z.string().nullable(),
  verdictAt: at.nullable(),
  /** Out of "to verify" until then; null: not muted. */
  muted: z.object({ until: at, by: z.string(), reason: z.string() }).nullable(),
  acknowledgedBy: z.string().nullable(),
  acknowledgedAt: at.nullable(),
  suppressedBy: z.string().nullable(),
  /** Id of the camera (or sensor). */
  camera: z.string(),
  cameraName: label,
  place: placeShape,
  purpose: z.enum(PURPOSES).nullable(),
  zone: z.string().nullable(),
  rule: z.string(),
  startedAt: at,
  since: at,
  lastSeenAt: at,
  resolvedAt: at.nullable(),
  /** Since when it is known that there was no exceedance: its data were marked invalid, or late readings say so. Null: it stands. */
  withdrawnAt: at.nullable(),
  openedAt: at,
  occurrences: z.int(),
  /** Re-sends are missing: the worker may be away. */
  lost: z.boolean(),
  score: z.number(),
  still: picture,
  clip: picture,
  caseNo: z.string().nullable(),
  version: z.int(),
})
export type AlertItem = z.infer<typeof alertItemShape>

export const notificationShape = z.object({
  id: z.uuid(),
  messageId: z.string(),
  step: z.string(),
  department: z.string(),
  departmentName: label,
  channel: z.string(),
  recipient: z.string(),
  state: z.enum(['queued', 'sending', 'sent', 'dead', 'cancelled']),
  attempt: z.int(),
  nextAttemptAt: at.nullable(),
  possibleDuplicates: z.int(),
  providerCode: z.string().nullable(),
  error: z.string().nullable(),
  createdAt: at,
  sentAt: at.nullable(),
})
export type NotificationItem = z.infer<typeof notificationShape>

export const alertDetailShape = alertItemShape.extend({
  /** The latest state of the event: why, with every number and threshold. */
  cause: hazardEventSchema,
  /** What the sensor measures; null: a camera saw it. */
  sensor: z.object({ factor: z.string(), unit: z.string() }).nullable(),
  zonePolygon: z.array(z.tuple([z.number(), z.number()])).nullable(),
  stillMethod: z.string().nullable(),
  clipError: z.string().nullable(),
  /** The same by code, for pages. Null: no error, or it is told in its own words alone. */
  clipWhy: toldShape.nullable(),
  /** Every still and clip, its own camera's first; of a sensor's alert those of the cameras near it. `?camera=` opens one. */
  pictures: z.array(
    z.object({
      camera: z.string(),
      cameraName: label,
      kind: z.enum(['still', 'clip']),
      state: z.enum(['ready', 'pending', 'failed', 'expired']),
      capturedAt: at.nullable(),
      /** Why it failed; `why`: the same by code, for pages. */
      error: z.string().nullable(),
      why: toldShape.nullable(),
    }),
  ),
  /** Other alerts of the same camera in the last 24 h. */
  sameCamera24h: z.int(),
  notifications: z.array(notificationShape),
  holds: z.array(holdShape),
  timeline: z.array(
    z.object({
      at,
      kind: z.string(),
      actor: z.string().nullable(),
      detail: z.string().nullable(),
      /** Of notifications: the step, or why it failed, with the `department` among the facts. Null: the detail says all. */
      told: toldShape.nullable(),
    }),
  ),
  /** Where filing would send it now. */
  route: z
    .object({ lead: z.string(), leadName: label, assist: z.array(z.string()), reachable: z.boolean() })
    .nullable(),
})
export type AlertDetail = z.infer<typeof alertDetailShape>

export const verdictBody = z.strictObject({
  verdict: z.enum(VERDICTS),
  reason: z.string().trim().min(1).max(200).optional(),
  note: z.string().trim().max(2000).optional(),
})

export const caseItemShape = z.object({
  no: z.string(),
  state: z.enum(CASE_STATES),
  version: z.int(),
  type: z.string(),
  severity: severitySchema,
  alertId: z.uuid().nullable(),
  camera: z.string().nullable(),
  cameraName: label.nullable(),
  place: placeShape,
  lead: z.string().nullable(),
  leadName: label.nullable(),
  assist: z.array(z.string()),
  filedBy: z.string(),
  filedAt: at,
  /** The clock that runs now, and when it ends. */
  due: z
    .object({
      clock: z.enum(CASE_CLOCKS),
      at,
      /** What passes until then: working hours of the city, or all time. */
      time: z.enum(CLOCK_TIMES),
      /** Years on the way whose holidays are not known, so that only weekends were counted as free. */
      guessedYears: z.array(z.int()),
    })
    .nullable(),
  reworkCount: z.int(),
  extensionCount: z.int(),
  closedAt: at.nullable(),
  /** Retention deletes nothing of it: somebody holds its evidence. */
  held: z.boolean(),
})
export type CaseItem = z.infer<typeof caseItemShape>

export const attachmentShape = z.object({
  id: z.uuid(),
  name: z.string().nullable(),
  sha256: z.string(),
  bytes: z.int(),
  mediaType: z.string(),
  by: z.string(),
  at,
  ...attachmentFacts,
})

export const caseDetailShape = caseItemShape.extend({
  /** The follow-up log 跟踪记录, oldest first. */
  log: z.array(
    z.object({
      seq: z.int(),
      at,
      actor: z.string(),
      actorKind: z.enum(['person', 'machine']),
      role: z.string().nullable(),
      kind: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      reason: z.string().nullable(),
      data: z.record(z.string(), z.unknown()),
    }),
  ),
  /** SHA-256 of the log as an export pack writes it (canonical JSON), to print on each sheet. */
  logSha256: z.string(),
  attachments: z.array(attachmentShape),
  notifications: z.array(notificationShape),
  holds: z.array(holdShape),
  /** What the asker may do now; and what not, with the reason. */
  moves: z.array(
    z.object({ kind: z.enum(CASE_COMMANDS), allowed: z.boolean(), reason: z.string().nullable() }),
  ),
  alert: alertItemShape.nullable(),
  /** Null: the case has no alert, or no report yet. */
  recheck: recheckShape.nullable(),
})
export type CaseDetail = z.infer<typeof caseDetailShape>

export const cameraItemShape = z.object({
  id: z.string(),
  name: label,
  purpose: z.enum(PURPOSES),
  place: placeShape,
  state: z.enum(['connecting', 'online', 'stalled', 'offline', 'unassigned']),
  since: at.nullable(),
  /** `why`: the reason for pages, by code; absent where the worker is older. */
  attention: z
    .object({
      level: z.enum(['sentry', 'full']),
      fps: z.number(),
      reason: z.string(),
      why: attentionWhyShape.optional(),
    })
    .nullable(),
  problem: z.string().nullable(),
  /** The problem for pages, by code; null: there is none, or the worker is older. */
  trouble: toldShape.nullable(),
  codec: z.string().nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  lastFrameAt: at.nullable(),
  /**
   * `mse`: fragments over WebSocket; `mpeg1`: the worker turns them into what a decoder of the page plays (a codec that
   * browsers do not have); `stills`: masked stills (privacy polygons).
   */
  live: z.enum(['mse', 'mpeg1', 'stills']),
  masking: z.string(),
  zones: z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))),
  rules: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      zone: z.string().nullable(),
      /** False: it is configured and not watched. */
      enabled: z.boolean(),
      unavailable: z.string().nullable(),
    }),
  ),
  looksToday: z.int(),
})
export type CameraItem = z.infer<typeof cameraItemShape>

export const healthShape = z.object({
  status: z.enum(['ok', 'degraded', 'starting']),
  parts: z.array(
    z.object({
      name: z.string(),
      status: z.enum(['ok', 'degraded', 'down', 'not_built']),
      /** Stable word for what is the matter, `ok` where nothing is; pages translate it with `facts`. */
      code: z.string(),
      /** The same in plain English. */
      detail: z.string(),
      facts: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    }),
  ),
  version: z.string(),
  now: at,
})
export type Health = z.infer<typeof healthShape>

/** `items` one page; `next` the cursor of the next page or null; `asOf` the change position the page was read at. */
export const listShape = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable(), asOf: z.string() })
export interface List<T> {
  readonly items: readonly T[]
  readonly next: string | null
  /** Decimal text: positions are bigint. */
  readonly asOf: string
}

/**
 * One line of `GET /api/stream`: SSE with `id` = position, `event` = topic, `data` = this. It says what changed;
 * the browser reads the object again or patches its row. `reset` (no data): the asked id is too old, read everything again.
 */
export const changeShape = z.object({
  topic: z.enum(CHANGE_TOPICS),
  key: z.string(),
  at,
  payload: z.record(z.string(), z.unknown()),
})
export type Change = z.infer<typeof changeShape>
