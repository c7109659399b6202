import { z } from 'zod'
import { packBody } from '../../core/api/pack.ts'
import { EVIDENCE_KEEPERS } from '../../core/evidence.ts'
import type { RouteSpec } from '../http/route.ts'

/** The export pack: a line of the route table. */
export const packRoutes = {
  exportCase: {
    method: 'post',
    path: '/api/cases/{no}/pack',
    summary:
      'The case with its evidence, log and proofs as a ZIP that `sharp-eyes verify-evidence` checks offline; a look is written, and the hash of its manifest into the log',
    access: EVIDENCE_KEEPERS,
    params: z.object({ no: z.string().regex(/^\d{4}-\d{6,}$/) }),
    body: packBody,
    answer: { kind: 'sent', media: 'application/zip', what: 'the pack' },
    problems: ['not_found', 'too_large', 'disk_full', 'not_ready'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
