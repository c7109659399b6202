import { z } from 'zod'
import { dryRunBody, dryRunShape } from '../../core/api/dry-run.ts'
import { idSchema } from '../../core/config/shared.ts'
import type { RouteSpec } from '../http/route.ts'
import { LEFT_S } from './rows.ts'

const run = z.object({ id: z.uuid() })

/** Dry runs of rules: lines of the route table. Who changes rules tries them. */
export const dryRunRoutes = {
  startDryRun: {
    method: 'post',
    path: '/api/cameras/{id}/dry-run',
    summary:
      'Judge at most a day of a camera’s past again by other zones and rules, beside those in force; nothing is raised or changed',
    access: ['admin'],
    params: z.object({ id: idSchema }),
    body: dryRunBody,
    answer: { kind: 'json', status: 201, schema: dryRunShape },
    problems: ['not_found', 'config_invalid', 'too_many_requests', 'not_ready'],
  },
  dryRun: {
    method: 'get',
    path: '/api/dry-runs/{id}',
    summary:
      'How far a dry run is, and what it found; one that goes on and is not asked for in three minutes is ended',
    access: ['admin'],
    params: run,
    answer: { kind: 'json', status: 200, schema: dryRunShape },
    problems: ['not_found'],
  },
  leaveDryRun: {
    method: 'post',
    path: '/api/dry-runs/{id}/leave',
    summary: `Say that a page no longer waits for a dry run: it is ended unless one asks within ${LEFT_S} seconds`,
    access: ['admin'],
    params: run,
    answer: { kind: 'empty' },
    problems: ['not_found'],
  },
  cancelDryRun: {
    method: 'delete',
    path: '/api/dry-runs/{id}',
    summary: 'End a dry run that goes on',
    access: ['admin'],
    params: run,
    answer: { kind: 'empty' },
    problems: ['not_found'],
  },
  dryRunPicture: {
    method: 'get',
    path: '/api/dry-runs/{id}/pictures/{n}.jpg',
    summary:
      'The recorded key frame at or before the beginning of an event of the list, masked as the camera asks for; its time in X-Captured-At',
    access: ['admin'],
    params: run.extend({ n: z.coerce.number().int().min(0).max(100_000) }),
    query: z.object({ width: z.coerce.number().int().min(64).max(1_280).default(480) }),
    answer: { kind: 'sent', media: 'image/jpeg', what: 'the picture' },
    problems: ['not_found', 'not_ready', 'too_many_requests'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
