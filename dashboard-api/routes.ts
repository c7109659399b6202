import { z } from 'zod'
import { ROLES, type Role } from '../core/actor.ts'
import { ALERT_STATES, VERDICTS } from '../core/alert.ts'
import { aroundShape } from '../core/api/around.ts'
import {
  alertDetailShape,
  alertItemShape,
  cameraItemShape,
  caseDetailShape,
  healthShape,
  listShape,
  sessionShape,
  verdictBody,
} from '../core/api/shapes.ts'
import { caseCommandSchema, fileCaseSchema } from '../core/case/command.ts'
import { CASE_STATES } from '../core/case/words.ts'
import { idSchema } from '../core/config/shared.ts'
import { auditRoutes } from './audit/routes.ts'
import { oidcRoutes } from './auth/oidc/routes.ts'
import { openSessionRoutes } from './auth/routes.ts'
import { cameraImportRoutes } from './camera-import/routes.ts'
import { cameraSetupRoutes } from './camera-setup/routes.ts'
import { captureRoutes } from './captures/routes.ts'
import { caseListRoutes } from './cases/list-routes.ts'
import { clockRoutes } from './clocks/routes.ts'
import { configRoutes } from './config/routes.ts'
import { deskRoutes } from './desk/routes.ts'
import { dryRunRoutes } from './dry-runs/routes.ts'
import { eventRoutes } from './events/routes.ts'
import { fieldRoutes } from './field/routes.ts'
import { healthDeskRoutes } from './health/routes.ts'
import { holdRoutes } from './holds/routes.ts'
import type { RouteSpec } from './http/route.ts'
import { mapRoutes } from './map/routes.ts'
import { originalRoutes } from './originals/routes.ts'
import { packRoutes } from './pack/routes.ts'
import { recordingRoutes } from './recordings/routes.ts'
import { routingRoutes } from './routing/routes.ts'
import { sensorRoutes } from './sensors/routes.ts'
import { statisticsRoutes } from './statistics/routes.ts'
import { userRoutes } from './users/routes.ts'
import { viewRoutes } from './views/routes.ts'
import { workerRoutes } from './workers/routes.ts'

/** The route table of DESIGN 3.7: the router's checks and `/api/openapi.json` are both made of it. */

/** Who works with alerts; officers see those of their cases. */
const ALERT_READERS: readonly Role[] = ROLES
/** The city-wide roles of cases, and the officers of the departments concerned. */
const CASE_READERS: readonly Role[] = ['operator', 'officer', 'verifier', 'investigator', 'auditor']
/** Who may look at a street as it is now. Officers: at cameras of their open cases. */
export const LIVE_VIEWERS: readonly Role[] = ['operator', 'officer', 'verifier', 'investigator', 'admin']

/** In characters; a passphrase in Chinese has three bytes a character. */
const MAX_PASSWORD = 300

const alertId = z.object({ id: z.uuid() })
const caseNo = z.object({ no: z.string().regex(/^\d{4}-\d{6,}$/) })
const cameraId = z.object({ id: idSchema })

/** `a,b` → ['a', 'b'] */
const anyOf = <T extends readonly [string, ...string[]]>(words: T) =>
  z
    .string()
    .max(500)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(words)).min(1))
const anyText = z
  .string()
  .max(2_000)
  .transform((text) => text.split(','))
  .pipe(z.array(z.string().min(1)).min(1).max(100))
const paging = {
  /** `next` of the page before. */
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
}
const why = z.string().trim().max(500).optional()
const variant = z.enum(['masked', 'original']).default('masked')
/** One of `pictures`; absent: the alert's own camera, or the first near its sensor. */
const pictureCamera = idSchema.optional()
const empty = { kind: 'empty' } as const
const json = <S extends z.ZodType, N extends 200 | 201 = 200>(schema: S, status?: N) =>
  ({ kind: 'json', status: (status ?? 200) as N, schema }) as const
const sent = (media: string, what: string) => ({ kind: 'sent', media, what }) as const

export const departmentShape = z.object({
  id: z.string(),
  name: z.object({ zh: z.string(), en: z.string() }),
  /** False: no channel that works, so the department cannot be told. */
  reachable: z.boolean(),
  channels: z.array(z.object({ kind: z.string(), built: z.boolean() })),
})

export const ROUTES = {
  ...configRoutes,
  ...cameraImportRoutes,
  ...cameraSetupRoutes,
  // First: `/api/cases/{no}` would take the paths below it.
  ...caseListRoutes,
  ...clockRoutes,
  ...openSessionRoutes,
  ...oidcRoutes,
  ...deskRoutes,
  ...captureRoutes,
  ...auditRoutes,
  ...dryRunRoutes,
  ...eventRoutes,
  ...holdRoutes,
  ...mapRoutes,
  ...recordingRoutes,
  ...fieldRoutes,
  ...originalRoutes,
  ...packRoutes,
  ...routingRoutes,
  ...sensorRoutes,
  ...healthDeskRoutes,
  ...statisticsRoutes,
  ...userRoutes,
  ...viewRoutes,
  ...workerRoutes,
  logIn: {
    method: 'post',
    path: '/api/session',
    summary: 'Log in; sets the cookie',
    access: 'anyone',
    body: z.strictObject({ name: z.string().min(1).max(64), password: z.string().min(1).max(MAX_PASSWORD) }),
    answer: json(sessionShape),
    problems: ['wrong_password'],
  },
  session: {
    method: 'get',
    path: '/api/session',
    summary: 'Who is logged in',
    access: ROLES,
    beforePasswordChange: true,
    answer: json(sessionShape),
  },
  logOut: {
    method: 'delete',
    path: '/api/session',
    summary: 'Log out; ends open streams',
    access: ROLES,
    beforePasswordChange: true,
    answer: empty,
  },
  changePassword: {
    method: 'post',
    path: '/api/session/password',
    summary: 'Choose another password; ends all other sessions of the person',
    access: ROLES,
    beforePasswordChange: true,
    body: z.strictObject({
      current: z.string().min(1).max(MAX_PASSWORD),
      next: z.string().min(10, 'a password has at least 10 characters').max(MAX_PASSWORD),
    }),
    answer: json(sessionShape),
    problems: ['wrong_password'],
  },
  alerts: {
    method: 'get',
    path: '/api/alerts',
    summary: 'Alerts, newest first; filters take several words with commas; `verdict=none`: not judged yet',
    access: ALERT_READERS,
    query: z.object({
      state: anyOf(ALERT_STATES).optional(),
      severity: anyOf(['1', '2', '3', '4']).optional(),
      type: anyText.optional(),
      camera: anyText.optional(),
      verdict: anyOf([...VERDICTS, 'none']).optional(),
      muted: z.enum(['true', 'false']).optional(),
      ...paging,
    }),
    answer: json(listShape(alertItemShape)),
  },
  alert: {
    method: 'get',
    path: '/api/alerts/{id}',
    summary: 'One alert with cause, timeline, notifications and where filing would send it',
    access: ALERT_READERS,
    params: alertId,
    answer: json(alertDetailShape),
    problems: ['not_found'],
  },
  alertAround: {
    method: 'get',
    path: '/api/alerts/{id}/around',
    summary: 'How its score went, the same place within a day, and what else is near: cameras and sensors',
    access: ALERT_READERS,
    params: alertId,
    answer: json(aroundShape),
    problems: ['not_found'],
  },
  acknowledge: {
    method: 'post',
    path: '/api/alerts/{id}/acknowledge',
    summary: 'Say that a person has seen it; stops reminders',
    access: ['operator'],
    params: alertId,
    answer: json(alertDetailShape),
    problems: ['not_found', 'state_conflict'],
  },
  verdict: {
    method: 'post',
    path: '/api/alerts/{id}/verdict',
    summary: 'Confirm, or reject with a reason',
    access: ['operator'],
    params: alertId,
    body: verdictBody,
    answer: json(alertDetailShape),
    problems: ['not_found', 'state_conflict'],
  },
  still: {
    method: 'get',
    path: '/api/alerts/{id}/still.jpg',
    summary: 'The picture of the alert; the unmasked original by right and reason',
    access: ALERT_READERS,
    params: alertId,
    query: z.object({
      variant,
      size: z.enum(['full', 'thumb']).default('full'),
      camera: pictureCamera,
      reason: why,
      purpose: why,
    }),
    answer: sent('image/jpeg', 'the picture'),
    problems: ['not_found', 'expired', 'approval_required'],
  },
  clip: {
    method: 'get',
    path: '/api/alerts/{id}/clip.mp4',
    summary: 'The film of the alert, with Range; 202 with code clip_pending until it is written',
    access: ALERT_READERS,
    params: alertId,
    query: z.object({ variant, camera: pictureCamera, reason: why, purpose: why }),
    answer: sent('video/mp4', 'the film'),
    problems: ['clip_pending', 'not_found', 'expired', 'approval_required'],
  },
  fileCase: {
    method: 'post',
    path: '/api/cases',
    summary: 'File a case from an alert or by hand; the matching route dispatches it in the same transaction',
    access: ['operator'],
    body: fileCaseSchema,
    answer: json(z.object({ no: z.string(), state: z.enum(CASE_STATES), version: z.int() }), 201),
    problems: ['not_found', 'state_conflict'],
  },
  case: {
    method: 'get',
    path: '/api/cases/{no}',
    summary: 'One case with its log, evidence, notifications and the moves of the asker',
    access: CASE_READERS,
    params: caseNo,
    answer: json(caseDetailShape),
    problems: ['not_found'],
  },
  commandCase: {
    method: 'post',
    path: '/api/cases/{no}/commands',
    summary:
      'Move a case on. Checked in this order: rights, version, content. With Idempotency-Key it happens once',
    access: ['operator', 'officer', 'verifier'],
    params: caseNo,
    body: caseCommandSchema,
    answer: json(caseDetailShape),
    problems: ['not_found', 'version_conflict', 'state_conflict', 'key_reused'],
  },
  attach: {
    method: 'post',
    path: '/api/cases/{no}/attachments',
    summary:
      'Upload a picture, at most 20 MB; it is kept byte for byte. Further fields: phase, capturedAt, lon, lat. Takes Idempotency-Key',
    access: ['operator', 'officer', 'verifier'],
    params: caseNo,
    upload: true,
    answer: json(z.object({ id: z.uuid(), sha256: z.string() }), 201),
    problems: ['not_found', 'state_conflict', 'too_large', 'key_reused'],
  },
  attachment: {
    method: 'get',
    path: '/api/cases/{no}/attachments/{id}',
    summary: 'A picture of the case, as it was uploaded',
    access: CASE_READERS,
    params: caseNo.extend({ id: z.uuid() }),
    query: z.object({ purpose: why }),
    answer: sent('image/*', 'the picture'),
    problems: ['not_found', 'expired'],
  },
  cameras: {
    method: 'get',
    path: '/api/cameras',
    summary: 'All cameras, and how they are',
    access: ROLES,
    answer: json(listShape(cameraItemShape)),
  },
  camera: {
    method: 'get',
    path: '/api/cameras/{id}',
    summary: 'One camera, and how it is',
    access: ROLES,
    params: cameraId,
    answer: json(cameraItemShape),
    problems: ['not_found'],
  },
  liveStill: {
    method: 'get',
    path: '/api/cameras/{id}/live.jpg',
    summary: 'The newest picture, masked as the camera asks for; its time in X-Captured-At',
    access: LIVE_VIEWERS,
    params: cameraId,
    query: z.object({ purpose: why, size: z.enum(['full', 'thumb']).default('full') }),
    answer: sent('image/jpeg', 'the picture'),
    problems: ['not_found', 'not_ready'],
  },
  departments: {
    method: 'get',
    path: '/api/departments',
    summary: 'Departments, and whether they can be told',
    access: ROLES,
    answer: json(z.object({ items: z.array(departmentShape) })),
  },
  retryNotification: {
    method: 'post',
    path: '/api/notifications/{id}/retry',
    summary: 'Send a dead notification again, with the same message id',
    access: ['operator'],
    params: z.object({ id: z.uuid() }),
    answer: empty,
    problems: ['not_found', 'state_conflict'],
  },
  stream: {
    method: 'get',
    path: '/api/stream',
    summary:
      'Changes as server-sent events with id = position; Last-Event-ID wins over `after`; `reset`: read everything again',
    access: ROLES,
    query: z.object({ after: z.string().optional() }),
    answer: sent('text/event-stream', 'one event a change'),
  },
  health: {
    method: 'get',
    path: '/api/health',
    summary: '200 once alerts can be taken, also when parts are degraded; 503 before',
    access: ROLES,
    loopback: true,
    answer: json(healthShape),
    notReady: healthShape,
  },
  metrics: {
    method: 'get',
    path: '/metrics',
    summary: 'Prometheus text of this process',
    access: ['admin'],
    loopback: true,
    answer: sent('text/plain', 'metrics'),
  },
  openApi: {
    method: 'get',
    path: '/api/openapi.json',
    summary: 'This document',
    access: 'anyone',
    answer: sent('application/json', 'OpenAPI 3.1'),
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
