import { z } from 'zod'
import { CASE_GROUPS, type CaseGroup } from '../case/groups.ts'

const count = z.int().min(0)
const groups = Object.fromEntries(CASE_GROUPS.map((group) => [group, count])) as Record<
  CaseGroup,
  typeof count
>

/** `GET /api/cases/counts`: open cases of the filter, and of each group. */
export const caseCountsShape = z.object({ open: count, ...groups })
export type CaseCounts = z.infer<typeof caseCountsShape>

export const savedViewShape = z.object({
  name: z.string(),
  /** The page's own query string, without `?`. */
  query: z.string(),
})
export const savedViewsShape = z.object({ items: z.array(savedViewShape) })
export type SavedView = z.infer<typeof savedViewShape>
