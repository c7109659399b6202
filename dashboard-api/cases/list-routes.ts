import { z } from 'zod'
import type { Role } from '../../core/actor.ts'
import { caseCountsShape } from '../../core/api/case-lists.ts'
import { caseItemShape, listShape } from '../../core/api/shapes.ts'
import type { RouteSpec } from '../http/route.ts'
import { caseFilterQuery } from './filter.ts'

/** The city-wide roles of cases, and the officers of the departments concerned. */
const CASE_READERS: readonly Role[] = ['operator', 'officer', 'verifier', 'investigator', 'auditor']
const sort = z.enum(['filed', 'due']).default('filed')

/** Lists of cases: lines of the route table. Before `/api/cases/{no}`, which would take their paths. */
export const caseListRoutes = {
  cases: {
    method: 'get',
    path: '/api/cases',
    summary: 'Cases, newest first; `sort=due`: least time left first, those without a clock last',
    access: CASE_READERS,
    query: z.object({
      ...caseFilterQuery,
      sort,
      /** `next` of the page before. */
      cursor: z.string().max(200).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    answer: { kind: 'json', status: 200, schema: listShape(caseItemShape) },
  },
  caseCounts: {
    method: 'get',
    path: '/api/cases/counts',
    summary: 'How many open cases, and how many of them in each group',
    access: CASE_READERS,
    query: z.object({ department: caseFilterQuery.department, q: caseFilterQuery.q }),
    answer: { kind: 'json', status: 200, schema: caseCountsShape },
  },
  caseSheet: {
    method: 'get',
    path: '/api/cases.xlsx',
    summary: 'The cases of a filter as a workbook, at most 10,000; how many in X-Total-Count',
    access: CASE_READERS,
    query: z.object({ ...caseFilterQuery, sort, lang: z.enum(['zh', 'en']).default('zh') }),
    answer: {
      kind: 'sent',
      media: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      what: 'the workbook',
    },
    problems: ['too_large'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
