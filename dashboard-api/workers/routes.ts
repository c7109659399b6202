import { z } from 'zod'
import { listShape } from '../../core/api/shapes.ts'
import { idSchema } from '../../core/config/shared.ts'
import type { RouteSpec } from '../http/route.ts'
import { coverageShape } from './coverage.ts'

const DAY_MS = 86_400_000
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text))

/** What people see of workers: lines of the route table. Workers themselves call /api/worker. */
export const workerRoutes = {
  coverage: {
    method: 'get',
    path: '/api/coverage',
    summary:
      'Who watched which camera when, newest first; without times the last 24 hours. A gap: nobody watched',
    access: ['operator', 'investigator', 'auditor', 'admin'],
    query: z
      .object({
        camera: idSchema.optional(),
        from: time.optional(),
        to: time.optional(),
        /** `next` of the page before. */
        cursor: z.string().max(200).optional(),
        limit: z.coerce.number().int().min(1).max(1_000).default(200),
      })
      .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
        path: ['from'],
        message: 'must be before "to"',
      }),
    answer: { kind: 'json', status: 200, schema: listShape(coverageShape) },
  },
} as const satisfies Readonly<Record<string, RouteSpec>>

/** Without both ends: the last 24 hours; with one of them: 24 hours from or up to it. */
export function rangeOf(asked: { from?: Date | undefined; to?: Date | undefined }, now: number) {
  const to = asked.to ?? new Date(asked.from ? asked.from.getTime() + DAY_MS : now)
  return { from: asked.from ?? new Date(to.getTime() - DAY_MS), to }
}
