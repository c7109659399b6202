import { z } from 'zod'
import { ruled } from '../api/schema-fault.ts'
import { CLOCK_TIMES } from '../case/words.ts'
import { DEFAULT_HOURS, parseHours } from '../case/working-time.ts'
import { PURPOSES } from '../catalogue.ts'
import { DATUMS } from '../datum.ts'
import { severitySchema } from '../event.ts'
import { ORIGINALS_MODES } from '../originals.ts'
import { mapSchema } from './map.ts'
import { ruleSchema } from './rule.ts'
import { sensorSchema } from './sensor.ts'
import { durationSchema, idSchema, labelSchema, placeSchema, polygonSchema } from './shared.ts'

/** city.yaml: strict, unknown keys are refused. This schema is the reference; its JSON Schema is generated from it. */

const urlSchema = z
  .string()
  .min(1)
  .superRefine((value, context) => {
    let url: URL
    try {
      url = new URL(value)
    } catch {
      return // a path: checked when the camera is opened
    }
    if (url.username || url.password) {
      context.addIssue({
        code: 'custom',
        message:
          'credentials in a URL are refused; put "user:password" into a file and name it as credentialsFile',
        ...ruled('url_login'),
      })
    }
  })

export const maskingSchema = z.union([
  z.enum(['heads', 'frame']),
  // Two characters are a reason in Chinese: 演示.
  z.strictObject({ none: z.string().trim().min(2, 'masking none needs a written reason') }),
])

export const recordingSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('ring'), hours: z.number().positive().max(72).default(2) }),
  z.strictObject({
    mode: z.literal('continuous'),
    days: z.number().min(30, '30 days is the legal minimum for recordings (Order 799)'),
  }),
  z.strictObject({ mode: z.literal('external'), url: urlSchema }),
])

export const cameraSchema = z
  .strictObject({
    id: idSchema,
    name: labelSchema,
    purpose: z.enum(PURPOSES),
    /** rtsp://, http(s):// (MJPEG), or a path of a file or folder played as a camera. */
    url: urlSchema,
    credentialsFile: z.string().optional(),
    place: placeSchema.default({}),
    masking: maskingSchema.default('heads'),
    /** Polygons that are never shown and never stored. */
    privacy: z.array(polygonSchema).default([]),
    recording: recordingSchema.default({ mode: 'ring', hours: 2 }),
    zones: z.record(idSchema, polygonSchema).default({}),
    rules: z.array(ruleSchema).default([]),
  })
  .superRefine((camera, context) => {
    const seen = new Set<string>()
    camera.rules.forEach((rule, index) => {
      if (rule.zone !== undefined && !(rule.zone in camera.zones)) {
        const known = Object.keys(camera.zones).join(', ') || 'none'
        context.addIssue({
          code: 'custom',
          path: ['rules', index, 'zone'],
          message: `zone "${rule.zone}" is not drawn on camera ${camera.id}; its zones: ${known}`,
          ...ruled('zone_gone', { zone: rule.zone, zones: known }),
        })
      }
      if (seen.has(rule.id)) {
        context.addIssue({
          code: 'custom',
          path: ['rules', index, 'id'],
          message: `rule id "${rule.id}" occurs twice`,
          ...ruled('twice', { id: rule.id }),
        })
      }
      seen.add(rule.id)
    })
  })
/** A camera as parsed: paths are absolute, durations are milliseconds. */
export type CameraConfig = z.infer<typeof cameraSchema>

/** How long a worker keeps what the camera sends, hours. Other recording modes have a ring beside them, for evidence. */
export const keptHours = ({ recording }: Pick<CameraConfig, 'recording'>): number =>
  recording.mode === 'ring' ? recording.hours : 2

export const channelSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('webhook'),
    url: z.url({ protocol: /^https?$/ }),
    secretFile: z.string(),
  }),
  z.strictObject({ kind: z.literal('email'), to: z.array(z.email()).min(1) }),
])

export const departmentSchema = z.strictObject({
  id: idSchema,
  name: labelSchema,
  channels: z.array(channelSchema).default([]),
})
export type DepartmentConfig = z.infer<typeof departmentSchema>

export const userSchema = z
  .strictObject({
    name: idSchema,
    roles: z.array(z.enum(['operator', 'officer', 'verifier', 'investigator', 'auditor', 'admin'])).min(1),
    department: idSchema.optional(),
    passwordFile: z.string(),
  })
  .superRefine((user, context) => {
    if (user.roles.includes('officer') && !user.department) {
      const message = 'an officer needs a department'
      context.addIssue({ code: 'custom', path: ['department'], message, ...ruled('officer_department') })
    }
  })
export type UserConfig = z.infer<typeof userSchema>

const oneOrMore = <T extends z.ZodType>(schema: T) => z.union([schema.transform((v) => [v]), z.array(schema)])

export const routeSchema = z.strictObject({
  when: z
    .strictObject({
      type: oneOrMore(z.string()).optional(),
      purpose: oneOrMore(z.enum(PURPOSES)).optional(),
      severity: oneOrMore(severitySchema).optional(),
      camera: oneOrMore(idSchema).optional(),
      grid: oneOrMore(z.string()).optional(),
    })
    .optional(),
  lead: idSchema,
  assist: z.array(idSchema).default([]),
  /** `at_once`: the department is told when the alert fires, marked unverified; `on_filing`: when the case is filed. */
  notify: z.enum(['at_once', 'on_filing']).optional(),
  accept: durationSchema.optional(),
  handle: durationSchema.optional(),
  check: durationSchema.optional(),
  /** What passes on the clocks of cases of severity 3 and 4: all time, or the city's working hours. */
  clock: z.enum(CLOCK_TIMES).optional(),
})
export type RouteConfig = z.infer<typeof routeSchema>

/** Opening hours of the offices on a work day, in order, without overlap, on the city's clocks. */
const workingHoursSchema = z
  .array(
    z.string().refine((text) => parseHours(text) !== null, {
      error: 'working hours are written as 09:00-12:00 and end after they begin, within one day',
      ...ruled('working_hours'),
    }),
  )
  .min(1, 'a work day needs hours; write for example ["09:00-12:00", "13:30-17:30"]')
  .max(6)
  .superRefine((hours, context) => {
    hours.forEach((text, i) => {
      const before = parseHours(hours[i - 1] ?? '')
      const span = parseHours(text)
      if (before && span && span.from < before.to)
        context.addIssue({
          code: 'custom',
          path: [i],
          message: `"${text}" begins before "${hours[i - 1]}" ends`,
          ...ruled('hours_order', { span: text, before: hours[i - 1] ?? '' }),
        })
    })
  })

export const citySchema = z
  .strictObject({
    city: z.strictObject({
      name: z.string().min(1),
      timezone: z
        .string()
        .default('Asia/Shanghai')
        .refine(isTimeZone, {
          error: 'is not a time zone; write for example Asia/Shanghai',
          ...ruled('time_zone'),
        }),
      datum: z.enum(DATUMS).default('GCJ-02'),
      hours: workingHoursSchema.default([...DEFAULT_HOURS]),
      /** How many persons open a sealed original: one with a reason (default), or one who asks and another who approves. */
      originals: z.enum(ORIGINALS_MODES).optional(),
      /** By when after filing a case has to be dispatched, for the statistics; default 1h. */
      dispatch: durationSchema.optional(),
      /** The base map; absent: points are shown on an empty ground. */
      map: mapSchema.optional(),
    }),
    departments: z.array(departmentSchema).default([]),
    users: z.array(userSchema).default([]),
    cameras: z.array(cameraSchema).default([]),
    routes: z.array(routeSchema).default([]),
    sensors: z.array(sensorSchema).default([]),
  })
  .superRefine((file, context) => {
    const departments = new Set(file.departments.map((d) => d.id))
    const names = `departments: ${[...departments].join(', ') || 'none'}`
    unique(file.departments, (d) => d.id, 'departments', context)
    unique(file.cameras, (c) => c.id, 'cameras', context)
    unique(file.sensors, (s) => s.id, 'sensors', context)
    const cameras = new Set(file.cameras.map((c) => c.id))
    file.sensors.forEach((sensor, i) => {
      for (const camera of sensor.cameras ?? []) {
        if (cameras.has(camera)) continue
        context.addIssue({
          code: 'custom',
          path: ['sensors', i, 'cameras'],
          message: `"${camera}" is no camera of this file`,
          ...ruled('no_camera', { id: camera }),
        })
      }
    })
    unique(
      file.sensors.filter((s) => s.source === 'hj212'),
      (s) => `${s.mn} ${s.factor}`,
      'sensors',
      context,
    )
    unique(file.users, (u) => u.name, 'users', context)
    file.users.forEach((user, i) => {
      if (user.department && !departments.has(user.department)) {
        context.addIssue({
          code: 'custom',
          path: ['users', i, 'department'],
          message: `"${user.department}" is no department of this file; ${names}`,
          ...ruled('no_department', { id: user.department }),
        })
      }
    })
    file.routes.forEach((route, i) => {
      for (const id of [route.lead, ...route.assist]) {
        if (!departments.has(id)) {
          context.addIssue({
            code: 'custom',
            path: ['routes', i],
            message: `"${id}" is no department of this file; ${names}`,
            ...ruled('no_department', { id }),
          })
        }
      }
      if (!route.when && i < file.routes.length - 1) {
        context.addIssue({
          code: 'custom',
          path: ['routes', i],
          message: 'a route without a condition matches everything and must be the last',
          ...ruled('not_last_route'),
        })
      }
    })
    checkWorkingLimits(file, context)
    const last = file.routes.at(-1)
    if (last?.when) {
      context.addIssue({
        code: 'custom',
        path: ['routes', file.routes.length - 1],
        message: 'the last route must have no condition, so that every case has a department',
        ...ruled('last_route'),
      })
    }
  })
export type CityConfig = z.infer<typeof citySchema>

/** Whether the platform knows the IANA zone, for example `Asia/Shanghai`. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

const DAY_MS = 86_400_000
const LIMITS = ['accept', 'handle', 'check'] as const

/** In working time a day is a work day: hours that are left over must fit into one. */
function checkWorkingLimits(
  file: { readonly city: { readonly hours: readonly string[] }; readonly routes: readonly RouteConfig[] },
  context: z.RefinementCtx,
): void {
  const spans = file.city.hours.map((text) => parseHours(text) ?? { from: 0, to: 0 })
  const dayMs = spans.reduce((sum, { from, to }) => sum + (to - from), 0) * 60_000
  file.routes.forEach((route, i) => {
    if (route.clock !== 'working') return
    for (const key of LIMITS) {
      const limit = route[key] ?? 0
      const message =
        limit % DAY_MS > dayMs
          ? `${(limit % DAY_MS) / 3_600_000}h of working time are more than the work day of ${dayMs / 3_600_000}h; write work days as 1d, 2d …`
          : limit > 366 * DAY_MS
            ? 'more than 366 work days; write fewer'
            : null
      if (message)
        context.addIssue({ code: 'custom', path: ['routes', i, key], message, ...ruled('limit_too_long') })
    }
  })
}

function unique<T>(
  items: readonly T[],
  key: (item: T) => string,
  path: string,
  context: z.RefinementCtx,
): void {
  const seen = new Set<string>()
  items.forEach((item, index) => {
    const id = key(item)
    if (seen.has(id))
      context.addIssue({
        ...{ code: 'custom', path: [path, index], message: `"${id}" occurs twice` },
        ...ruled('twice', { id }),
      })
    seen.add(id)
  })
}
