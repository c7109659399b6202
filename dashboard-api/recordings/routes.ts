import { z } from 'zod'
import { keptShape, recordingsShape } from '../../core/api/recordings.ts'
import { idSchema } from '../../core/config/shared.ts'
import type { RouteSpec } from '../http/route.ts'
import { KEPT_READERS, RECORDING_KEEPERS, RECORDING_VIEWERS } from './rights.ts'

const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const cameraId = z.object({ id: idSchema })
const caseNo = z.string().regex(/^\d{4}-\d{6,}$/)
const why = {
  purpose: z.string().trim().max(500).optional(),
  /** Case that it is looked at for. */
  case: caseNo.optional(),
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
  keepRecording: {
    method: 'post',
    path: '/api/cameras/{id}/recordings/keep',
    summary:
      'Keep at most ten minutes as evidence, of a case or of its own; its clips are made within minutes',
    access: RECORDING_KEEPERS,
    params: cameraId,
    body: z.strictObject({
      from: moment,
      to: moment,
      reason: z.string().trim().min(2, 'say in some words why it is kept').max(500),
      caseNo: caseNo.optional(),
    }),
    answer: { kind: 'json', status: 201, schema: keptShape },
    problems: ['not_found'],
  },
  keptRecordings: {
    method: 'get',
    path: '/api/recordings',
    summary: 'Kept ranges of a camera or of a case, the newest first, at most 100',
    access: KEPT_READERS,
    query: z.object({ camera: idSchema.optional(), case: caseNo.optional() }),
    answer: { kind: 'json', status: 200, schema: z.object({ items: z.array(keptShape) }) },
    problems: ['not_found'],
  },
  keptRecording: {
    method: 'get',
    path: '/api/recordings/{id}',
    summary: 'A kept range with the hashes of its clips: its manifest',
    access: KEPT_READERS,
    params: z.object({ id: z.uuid() }),
    answer: { kind: 'json', status: 200, schema: keptShape },
    problems: ['not_found'],
  },
  keptClip: {
    method: 'get',
    path: '/api/recordings/{id}/clip.mp4',
    summary: 'A clip of a kept range, with Range; 202 with code clip_pending until it is written',
    access: KEPT_READERS,
    params: z.object({ id: z.uuid() }),
    query: z.object({
      piece: z.coerce.number().int().min(1).max(1_000).default(1),
      variant: z.enum(['masked', 'original']).default('masked'),
      reason: z.string().trim().max(500).optional(),
      purpose: z.string().trim().max(500).optional(),
    }),
    answer: { kind: 'sent', media: 'video/mp4', what: 'the film' },
    problems: ['clip_pending', 'not_found', 'expired'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
