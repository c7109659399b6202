import { z } from 'zod'
import { recordingsShape } from '../../core/api/recordings.ts'
import { idSchema } from '../../core/config/shared.ts'
import type { RouteSpec } from '../http/route.ts'
import { RECORDING_VIEWERS } from './rights.ts'

const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const cameraId = z.object({ id: idSchema })
const why = {
  purpose: z.string().trim().max(500).optional(),
  /** Case that it is looked at for. */
  case: z
    .string()
    .regex(/^\d{4}-\d{6,}$/)
    .optional(),
}

/** Recordings of cameras: lines of the route table. */
export const recordingRoutes = {
  recordings: {
    method: 'get',
    path: '/api/cameras/{id}/recordings',
    summary: 'What was recorded and analysed in at most 31 days, and why there is nothing in between',
    access: RECORDING_VIEWERS,
    params: cameraId,
    query: z.object({ from: moment, to: moment }),
    answer: { kind: 'json', status: 200, schema: recordingsShape },
    problems: ['not_found'],
  },
  recordingPart: {
    method: 'get',
    path: '/api/cameras/{id}/recordings/part',
    summary:
      'About `ms` of a recording from the key frame at or before `at`, as it came from the camera, with the capture time of each picture (core/recording-wire.ts)',
    access: RECORDING_VIEWERS,
    params: cameraId,
    query: z.object({ at: moment, ms: z.coerce.number().int().min(100).max(30_000).default(10_000), ...why }),
    answer: { kind: 'sent', media: 'application/octet-stream', what: 'head, init segment and fragments' },
    problems: ['not_found', 'not_ready', 'too_many_requests'],
  },
  recordingPreview: {
    method: 'get',
    path: '/api/cameras/{id}/preview.jpg',
    summary: 'The key frame at or before `at`, masked as the camera asks for; its time in X-Captured-At',
    access: RECORDING_VIEWERS,
    params: cameraId,
    query: z.object({ at: moment, width: z.coerce.number().int().min(64).max(1_920).default(320), ...why }),
    answer: { kind: 'sent', media: 'image/jpeg', what: 'the picture' },
    problems: ['not_found', 'not_ready', 'too_many_requests'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
