import { z } from 'zod'
import { FIGURE_NAMES, GROUPINGS } from '../statistics/figures.ts'

/** Shapes of `GET /api/statistics` and what belongs to it. Days are days of the city, `from` and `to` both included. */

const label = z.object({ zh: z.string(), en: z.string() })
const at = z.iso.datetime()

export const shareShape = z.object({ numerator: z.int(), denominator: z.int() })

const period = {
  from: z.iso.date(),
  to: z.iso.date(),
  timezone: z.string(),
  /** As of when open cases were judged. */
  at,
}

export const statisticsRowShape = z.object({
  /** Type, department, grid, `YYYY-MM-DD` or `YYYY-MM`; `~`: of what has none. */
  key: z.string(),
  /** Of a department; null: the key is the name. */
  name: label.nullable(),
  /** Cases that were voided: in no figure. */
  voided: z.int(),
  /** Null: this figure cannot be told apart so (a rejected alert has no department), or not for this reader. */
  figures: z.record(z.enum(FIGURE_NAMES), shareShape.nullable()),
})
export type StatisticsRow = z.infer<typeof statisticsRowShape>

export const statisticsShape = z.object({
  ...period,
  by: z.enum(GROUPINGS),
  /** The reader's own department, when nothing else may be seen. */
  limitedTo: z.object({ id: z.string(), name: label }).nullable(),
  /** By when after filing a case has to be dispatched, ms: `city.dispatch` of the city file. */
  dispatchLimitMs: z.int(),
  total: statisticsRowShape,
  /** Most cases first; days and months in their order. */
  rows: z.array(statisticsRowShape),
})
export type Statistics = z.infer<typeof statisticsShape>

export const alarmStatisticsShape = z.object({
  ...period,
  /** Alarms per operator and ten minutes. */
  load: z.object({
    alarms: z.int(),
    windows: z.int(),
    /** Of these nobody was seen at work: counted as one operator. */
    unattended: z.int(),
    median: z.number().nullable(),
    max: z.number().nullable(),
    flooded: z.int(),
    busiest: z.object({ at, alarms: z.int(), operators: z.int() }).nullable(),
  }),
  /** Camera (or sensor) and rule with the most false alarms, at most ten. */
  falseAlarms: z.array(
    z.object({
      source: z.string(),
      sourceName: label,
      rule: z.string(),
      type: z.string(),
      share: shareShape,
    }),
  ),
})
export type AlarmStatistics = z.infer<typeof alarmStatisticsShape>
