import { z } from 'zod'
import { ROLES } from '../../core/actor.ts'
import { marksShape, readingsShape, sensorItemShape, sensorsShape } from '../../core/api/sensors.ts'
import { idSchema } from '../../core/config/shared.ts'
import { READING_PERIODS } from '../../core/reading.ts'
import { MARK_ROLES, markBody } from '../../core/sensors/commands.ts'
import type { RouteSpec } from '../http/route.ts'

const params = z.object({ id: idSchema })
const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const cursor = z.string().max(300).optional()

/** Sensors, readings and their marks: lines of the route table. Measurements are no pictures: every role may read them. */
export const sensorRoutes = {
  sensors: {
    method: 'get',
    path: '/api/sensors',
    summary: 'All sensors, their latest reading, and how they are',
    access: ROLES,
    answer: { kind: 'json', status: 200, schema: sensorsShape },
  },
  sensor: {
    method: 'get',
    path: '/api/sensors/{id}',
    summary: 'One sensor, and how it is',
    access: ROLES,
    params,
    answer: { kind: 'json', status: 200, schema: sensorItemShape },
    problems: ['not_found'],
  },
  readings: {
    method: 'get',
    path: '/api/sensors/{id}/readings',
    summary:
      'Readings of [from, to) with flags and marks, newest first, of at most 31 days (absent: the last 24 hours); `period`: the one that its limit judges when absent',
    access: ROLES,
    params,
    query: z.object({
      from: moment.optional(),
      to: moment.optional(),
      period: z.enum(READING_PERIODS).optional(),
      cursor,
      limit: z.coerce.number().int().min(1).max(1_000).default(200),
    }),
    answer: { kind: 'json', status: 200, schema: readingsShape },
    problems: ['not_found'],
  },
  marks: {
    method: 'get',
    path: '/api/sensors/{id}/marks',
    summary: 'Later words on its readings, of people and of the device, the latest first',
    access: ROLES,
    params,
    query: z.object({ cursor, limit: z.coerce.number().int().min(1).max(200).default(50) }),
    answer: { kind: 'json', status: 200, schema: marksShape },
    problems: ['not_found'],
  },
  markReadings: {
    method: 'post',
    path: '/api/sensors/{id}/marks',
    summary:
      'Say what readings are worth, with a reason; its limit is judged again at once. A mark is never changed',
    access: MARK_ROLES,
    params,
    body: markBody,
    answer: { kind: 'json', status: 201, schema: z.object({ id: z.string() }) },
    problems: ['not_found'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
