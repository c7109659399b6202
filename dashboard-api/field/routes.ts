import { z } from 'zod'
import { attachUploadBody } from '../../core/api/field.ts'
import { caseDetailShape } from '../../core/api/shapes.ts'
import { remarkSchema } from '../../core/case/remark.ts'
import type { RouteSpec } from '../http/route.ts'

const MOVERS = ['operator', 'officer', 'verifier'] as const
const caseNo = z.object({ no: z.string().regex(/^\d{4}-\d{6,}$/) })
const upload = caseNo.extend({
  upload: z.string().regex(/^[0-9a-f]{16}\.[0-9a-f]{16}\.[0-9-]+\.[0-9a-f-]{36}$/),
})
const tus = (what: string) => ({ kind: 'sent', media: 'text/plain', what }) as const

/** What people in the field need besides the routes of cases: remarks, and pictures that come in pieces (tus 1.0.0). */
export const fieldRoutes = {
  remark: {
    method: 'post',
    path: '/api/cases/{no}/remarks',
    summary: 'Add a remark to the log; it moves nothing. Takes Idempotency-Key',
    access: MOVERS,
    params: caseNo,
    body: remarkSchema,
    answer: { kind: 'json', status: 201, schema: caseDetailShape },
    problems: ['not_found', 'key_reused'],
  },
  createUpload: {
    method: 'post',
    path: '/api/cases/{no}/uploads',
    summary:
      'tus creation: 201 with Location. At most 20 MB (Upload-Length) and 20 unfinished uploads a person, for a day',
    access: MOVERS,
    params: caseNo,
    answer: tus('201 with Location'),
    problems: ['not_found', 'too_large', 'too_many_requests', 'disk_full'],
  },
  uploadState: {
    method: 'head',
    path: '/api/cases/{no}/uploads/{upload}',
    summary:
      'tus: how many bytes have arrived (Upload-Offset); misdirected when they lie at another process of this server',
    access: MOVERS,
    params: upload,
    answer: tus('200 with Upload-Offset'),
    problems: ['not_found', 'misdirected'],
  },
  uploadPart: {
    method: 'patch',
    path: '/api/cases/{no}/uploads/{upload}',
    summary: 'tus: the next bytes, from Upload-Offset on; 204 with the new Upload-Offset',
    access: MOVERS,
    params: upload,
    answer: tus('204 with Upload-Offset'),
    problems: ['not_found', 'misdirected', 'disk_full'],
  },
  dropUpload: {
    method: 'delete',
    path: '/api/cases/{no}/uploads/{upload}',
    summary: 'tus termination: forget an unfinished upload',
    access: MOVERS,
    params: upload,
    answer: tus('204'),
    problems: ['not_found', 'misdirected'],
  },
  attachUpload: {
    method: 'post',
    path: '/api/cases/{no}/uploads/{upload}/attach',
    summary:
      'Make a finished upload an attachment of the case; it is kept byte for byte. Takes Idempotency-Key',
    access: MOVERS,
    params: upload,
    body: attachUploadBody,
    answer: { kind: 'json', status: 201, schema: z.object({ id: z.uuid(), sha256: z.string() }) },
    problems: ['not_found', 'state_conflict', 'misdirected', 'key_reused'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
