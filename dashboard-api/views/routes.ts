import { z } from 'zod'
import { ROLES } from '../../core/actor.ts'
import { savedViewsShape } from '../../core/api/case-lists.ts'
import type { RouteSpec } from '../http/route.ts'

const page = z.string().regex(/^[a-z-]{1,32}$/, 'a page is a word such as department')
const params = z.object({ page })
const json = { kind: 'json', status: 200, schema: savedViewsShape } as const

/** Filters that a person keeps under a name: lines of the route table. Each answers the views that are left. */
export const viewRoutes = {
  savedViews: {
    method: 'get',
    path: '/api/views/{page}',
    summary: 'My saved views of a page, by name',
    access: ROLES,
    params,
    answer: json,
  },
  saveView: {
    method: 'post',
    path: '/api/views/{page}',
    summary: 'Keep a view; one of the same name is replaced. At most 20 a page',
    access: ROLES,
    params,
    body: z.strictObject({
      name: z.string().trim().min(1).max(60),
      query: z.string().max(2_000),
    }),
    answer: json,
    problems: ['too_large'],
  },
  removeView: {
    method: 'post',
    path: '/api/views/{page}/remove',
    summary: 'Forget a view; one that is gone already is no error',
    access: ROLES,
    params,
    body: z.strictObject({ name: z.string().trim().min(1).max(60) }),
    answer: json,
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
