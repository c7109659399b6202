import { z } from 'zod'
import { attachCaptureBody, captureShape } from '../../core/api/captures.ts'
import { idSchema } from '../../core/config/shared.ts'
import type { RouteSpec } from '../http/route.ts'

/** Stills out of a live view, kept as evidence of a case: lines of the route table. */
export const captureRoutes = {
  captureStill: {
    method: 'post',
    path: '/api/cameras/{id}/captures',
    summary:
      'Keep the newest picture, masked as the camera asks for; its ticket adds it to a case within 20 hours',
    access: ['operator'],
    params: z.object({ id: idSchema }),
    body: z.strictObject({ purpose: z.string().trim().max(500).optional() }),
    answer: { kind: 'json', status: 201, schema: captureShape },
    problems: ['not_found', 'not_ready'],
  },
  capture: {
    method: 'get',
    path: '/api/captures/{ticket}',
    summary: 'A kept still that is in no case yet; for who took it',
    access: ['operator'],
    params: z.object({ ticket: z.string().min(1).max(2_000) }),
    answer: { kind: 'sent', media: 'image/jpeg', what: 'the picture' },
    problems: ['not_found', 'expired'],
  },
  attachCapture: {
    method: 'post',
    path: '/api/cases/{no}/captures',
    summary: 'Add a kept still to a case, with the time at which it was taken',
    access: ['operator'],
    params: z.object({ no: z.string().regex(/^\d{4}-\d{6,}$/) }),
    body: attachCaptureBody,
    answer: { kind: 'json', status: 201, schema: z.object({ id: z.uuid(), sha256: z.string() }) },
    problems: ['not_found', 'state_conflict', 'expired'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
