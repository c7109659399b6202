import { z } from 'zod'
import type { Role } from '../../core/actor.ts'
import { alertItemShape, caseItemShape, listShape } from '../../core/api/shapes.ts'
import { alarmStatisticsShape, statisticsShape } from '../../core/api/statistics.ts'
import { idSchema } from '../../core/config/shared.ts'
import { CASE_FIGURES, GROUPINGS, PARTS } from '../../core/statistics/figures.ts'
import type { RouteSpec } from '../http/route.ts'

/** City-wide, and officers for the own department. Engineers keep the machine running; cases are not their business. */
const READERS: readonly Role[] = ['operator', 'officer', 'investigator', 'auditor']
/** Alarms belong to no department before they are filed. */
const ALARM_READERS: readonly Role[] = ['operator', 'investigator', 'auditor']

const text = z.string().min(1).max(200)
const days = {
  /** First day, of the city; absent: the first of the month of `to`. */
  from: z.iso.date().optional(),
  /** Last day, included; absent: today. */
  to: z.iso.date().optional(),
}
/** Only these cases and alerts; `~` of a department or grid: those that have none. */
const only = {
  type: text.optional(),
  department: text.optional(),
  grid: text.optional(),
}
const asked = { ...days, ...only, by: z.enum(GROUPINGS).default('department') }
const paging = {
  /** `next` of the page before. */
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
}
/** One row's key under `by`; absent: all rows. */
const key = text.optional()

/** Figures of a period, and the lists behind each of them: lines of the route table. */
export const statisticsRoutes = {
  statistics: {
    method: 'get',
    path: '/api/statistics',
    summary:
      'The figures of a period of at most 400 days, as numerators and denominators, by type, unit, grid or time',
    access: READERS,
    query: z.object(asked),
    answer: { kind: 'json', status: 200, schema: statisticsShape },
  },
  statisticsSheet: {
    method: 'get',
    path: '/api/statistics.xlsx',
    summary: 'The same as a spreadsheet, with the definitions; every text is a text, no cell a formula',
    access: READERS,
    query: z.object({ ...asked, lang: z.enum(['zh', 'en']).default('zh') }),
    answer: {
      kind: 'sent',
      media: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      what: 'the workbook',
    },
  },
  statisticsCases: {
    method: 'get',
    path: '/api/statistics/cases',
    summary: 'Exactly the cases of one figure: its numerator, its denominator, the rest, or the voided ones',
    access: READERS,
    query: z.object({
      ...asked,
      key,
      figure: z.enum(CASE_FIGURES).default('filed'),
      part: z.enum(PARTS).default('denominator'),
      ...paging,
    }),
    answer: { kind: 'json', status: 200, schema: listShape(caseItemShape) },
  },
  statisticsAlerts: {
    method: 'get',
    path: '/api/statistics/alerts',
    summary: 'Exactly the judged alerts behind the share of false alarms',
    access: ALARM_READERS,
    query: z.object({
      ...asked,
      key,
      source: idSchema.optional(),
      rule: text.optional(),
      part: z.enum(['numerator', 'denominator', 'rest']).default('denominator'),
      ...paging,
    }),
    answer: { kind: 'json', status: 200, schema: listShape(alertItemShape) },
  },
  statisticsAlarms: {
    method: 'get',
    path: '/api/statistics/alarms',
    summary: 'Alarms per operator and ten minutes, and what gives the most false alarms',
    access: ALARM_READERS,
    query: z.object(days),
    answer: { kind: 'json', status: 200, schema: alarmStatisticsShape },
  },
} as const satisfies Readonly<Record<string, RouteSpec>>

export type StatisticsQuery = z.output<typeof statisticsRoutes.statistics.query>
