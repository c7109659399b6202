import type { AlertItem, CaseItem, List } from '../../core/api/shapes.ts'
import type { AlarmStatistics, Statistics, StatisticsRow } from '../../core/api/statistics.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import {
  CASE_FIGURES,
  type CaseFigure,
  type Figure,
  type Grouping,
  NO_KEY,
  type Part,
} from '../../core/statistics/figures.ts'
import { createCaseCounter, isInPart, type Share } from '../../core/statistics/judge.ts'
import { type AlertRow, SELECT_ALERTS, toAlertItem } from '../alerts/rows.ts'
import { limitedTo, type PersonActor } from '../auth/people.ts'
import { type CaseRow, SELECT_CASES, toCaseItem } from '../cases/rows.ts'
import type { City, CityReader } from '../city.ts'
import { type createConditions, cutPage, decodeCursor, readPage } from '../http/paging.ts'
import { readAlarmLoad } from './alarms.ts'
import { addKey, countFalseAlarms, judgedAlerts, worstRules } from './alerts.ts'
import { type Asked, type JudgedCase, judgedCases } from './judged.ts'
import { periodOf } from './period.ts'
import type { StatisticsQuery } from './routes.ts'

const HOUR_MS = 3_600_000
const CASE_NO = /^\d{4}-\d{6,}$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

type Days = Pick<StatisticsQuery, 'from' | 'to'>
interface Paging {
  readonly cursor?: string | undefined
  readonly limit: number
}

export interface StatisticsReader {
  figures(query: StatisticsQuery, actor: PersonActor): Promise<Statistics>
  alarms(query: Days): Promise<AlarmStatistics>
  /** The cases that `figures` counted, newest first. */
  cases(
    query: StatisticsQuery & Paging & { key?: string | undefined; figure: CaseFigure; part: Part },
    actor: PersonActor,
  ): Promise<List<CaseItem>>
  alerts(
    query: StatisticsQuery &
      Paging & {
        key?: string | undefined
        source?: string | undefined
        rule?: string | undefined
        part: Exclude<Part, 'voided'>
      },
  ): Promise<List<AlertItem>>
}

export function createStatisticsReader(deps: {
  database: Database
  city: CityReader
  clock: Clock
}): StatisticsReader {
  const { database, clock } = deps

  const ask = async (query: StatisticsQuery, actor: PersonActor): Promise<{ city: City; asked: Asked }> => {
    const city = await deps.city.read()
    const now = clock.now()
    const { type, department, grid } = query
    return {
      city,
      asked: {
        ...{ type, department, grid, now },
        period: periodOf(query, now, city.facts.timezone),
        limitedTo: limitedTo(actor, ['operator', 'investigator', 'auditor']),
        dispatchLimit: city.facts.dispatch ?? HOUR_MS,
      },
    }
  }

  return {
    async figures(query, actor) {
      const { city, asked } = await ask(query, actor)
      const { by } = query
      const { page } = await readPage(database, async (tx) => {
        const total = createCaseCounter(CASE_FIGURES)
        const groups = new Map<string, ReturnType<typeof createCaseCounter>>()
        for await (const judged of judgedCases(tx, asked)) {
          const key = judged.keys[by]
          const group = groups.get(key) ?? createCaseCounter(CASE_FIGURES)
          groups.set(key, group)
          group.add(judged)
          total.add(judged)
        }
        // A rejected alert has no department, so its rate is nobody's but the city's.
        const ofAll = asked.limitedTo === null && asked.department === undefined
        const falseBy = ofAll && by !== 'department' ? await countFalseAlarms(tx, asked, by) : null
        const falseTotal = ofAll ? sumOf(await countFalseAlarms(tx, asked, 'type')) : null
        return { total, groups, falseBy, falseTotal }
      })
      const row = (
        key: string,
        counter: ReturnType<typeof createCaseCounter> | undefined,
        falseAlarm: Share | null,
      ): StatisticsRow => {
        const { voided, figures } = (counter ?? createCaseCounter(CASE_FIGURES)).counts()
        const all: Record<Figure, Share | null> = { ...figures, falseAlarm }
        const name = by === 'department' && key !== NO_KEY ? city.departmentName(key) : null
        return { key, name, voided, figures: all }
      }
      const keys = new Set([...page.groups.keys(), ...(page.falseBy?.keys() ?? [])])
      const rows = [...keys].map((key) =>
        row(key, page.groups.get(key), page.falseBy && (page.falseBy.get(key) ?? NONE)),
      )
      const own = asked.limitedTo
      return {
        from: asked.period.from,
        to: asked.period.to,
        timezone: asked.period.timezone,
        at: new Date(asked.now).toISOString(),
        by,
        limitedTo: own === null ? null : { id: own, name: city.departmentName(own) },
        dispatchLimitMs: asked.dispatchLimit,
        total: { ...row('', page.total, page.falseTotal), name: null },
        rows: rows.toSorted(orderOf(by)),
      }
    },

    async alarms(query) {
      const city = await deps.city.read()
      const now = clock.now()
      const period = periodOf(query, now, city.facts.timezone)
      const { page } = await readPage(database, async (tx) => ({
        load: await readAlarmLoad(tx, period, now),
        falseAlarms: await worstRules(tx, { period }, city),
      }))
      const { from, to, timezone } = period
      return { from, to, timezone, at: new Date(now).toISOString(), ...page }
    },

    async cases(query, actor) {
      const { city, asked } = await ask(query, actor)
      const cursor = decodeCursor(query.cursor, CASE_NO)
      const { page, asOf } = await readPage(database, async (tx) => {
        const found: JudgedCase[] = []
        for await (const judged of judgedCases(tx, asked, cursor)) {
          if (query.key !== undefined && judged.keys[query.by] !== query.key) continue
          if (!isInPart(judged, query.figure, query.part)) continue
          found.push(judged)
          if (found.length > query.limit) break
        }
        const { rows } = await tx.query<CaseRow>(
          `${SELECT_CASES} where c.no = any($1) order by c.filed_at desc, c.no desc`,
          [found.map(({ no }) => no)],
        )
        return rows
      })
      const { rows, next } = cutPage(page, query.limit, (row) => ({ micros: row.filed_micros, key: row.no }))
      return { items: rows.map((row) => toCaseItem(row, city)), next, asOf }
    },

    async alerts(query) {
      const city = await deps.city.read()
      const period = periodOf(query, clock.now(), city.facts.timezone)
      const where = judgedAlerts({ period, type: query.type, grid: query.grid })
      if (query.department !== undefined || (query.by === 'department' && query.key !== undefined))
        throw new SharpEyesError('invalid', 'department: a judged alert belongs to none; leave it out')
      if (query.key !== undefined && query.by !== 'department')
        addKey(where, query.by, query.key, period.timezone)
      if (query.source !== undefined) where.add('a.source_id = $?', query.source)
      if (query.rule !== undefined) where.add('a.rule_id = $?', query.rule)
      if (query.part !== 'denominator')
        where.add('a.verdict = $?', query.part === 'numerator' ? 'rejected' : 'confirmed')
      return listAlerts(database, where, query, city)
    },
  }
}

async function listAlerts(
  database: Database,
  where: ReturnType<typeof createConditions>,
  { cursor, limit }: Paging,
  city: City,
): Promise<List<AlertItem>> {
  where.after(decodeCursor(cursor, UUID), 'a.opened_at', 'a.id', 'uuid')
  const { page, asOf } = await readPage(database, (tx) =>
    tx.query<AlertRow>(
      `${SELECT_ALERTS} where ${where.sql()} order by a.opened_at desc, a.id desc limit ${limit + 1}`,
      where.params,
    ),
  )
  const { rows, next } = cutPage(page.rows, limit, (row) => ({ micros: row.opened_micros, key: row.id }))
  return { items: rows.map((row) => toAlertItem(row, city)), next, asOf }
}

const NONE: Share = { numerator: 0, denominator: 0 }

function sumOf(shares: ReadonlyMap<string, Share>): Share {
  return [...shares.values()].reduce(
    (sum, share) => ({
      numerator: sum.numerator + share.numerator,
      denominator: sum.denominator + share.denominator,
    }),
    NONE,
  )
}

/** Time in its order; else the most cases first, and what has no key last. */
const orderOf =
  (by: Grouping) =>
  (a: StatisticsRow, b: StatisticsRow): number => {
    if (by === 'day' || by === 'month') return a.key < b.key ? -1 : 1
    if ((a.key === NO_KEY) !== (b.key === NO_KEY)) return a.key === NO_KEY ? 1 : -1
    const filed = (row: StatisticsRow) => row.figures.filed?.numerator ?? 0
    return filed(b) - filed(a) || (a.key < b.key ? -1 : 1)
  }
