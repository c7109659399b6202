import type { AlertDetail, AlertItem, List } from '../../core/api/shapes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { pictureFaults } from '../../core/picture-fault.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import { matchRoute } from '../../core/route.ts'
import { limitedTo, type PersonActor } from '../auth/people.ts'
import type { City, CityReader } from '../city.ts'
import { readHolds } from '../holds/read.ts'
import { createConditions, cutPage, decodeCursor, readPage } from '../http/paging.ts'
import { readNotifications } from '../notifications.ts'
import { picturesOf } from './pictures.ts'
import { type AlertRow, NOT_MUTED, OF_DEPARTMENT, SELECT_ALERTS, toAlertItem } from './rows.ts'
import { type EndedVerdict, timelineOf } from './timeline.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const DAY_MS = 86_400_000

export interface AlertFilter {
  readonly state?: readonly string[] | undefined
  readonly severity?: readonly string[] | undefined
  readonly type?: readonly string[] | undefined
  readonly camera?: readonly string[] | undefined
  readonly verdict?: readonly string[] | undefined
  readonly muted?: 'true' | 'false' | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** Alerts as a person may see them. */
export interface AlertReader {
  list(filter: AlertFilter, actor: PersonActor): Promise<List<AlertItem>>
  /** Throws `not_found` also for what is not the asker's. */
  detail(id: string, actor: PersonActor): Promise<AlertDetail>
  find(tx: Queryable, id: string, actor: PersonActor): Promise<AlertRow>
}

export function createAlertReader(deps: { database: Database; city: CityReader; clock: Clock }): AlertReader {
  const { database, clock } = deps

  const find = async (tx: Queryable, id: string, actor: PersonActor): Promise<AlertRow> => {
    const where = createConditions()
    where.add('a.id = $?', id)
    const department = limitedTo(actor)
    if (department !== null) where.add(OF_DEPARTMENT, department)
    const { rows } = await tx.query<AlertRow>(`${SELECT_ALERTS} where ${where.sql()}`, where.params)
    if (rows[0]) return rows[0]
    throw new SharpEyesError('not_found', `there is no alert ${id}`)
  }

  return {
    find,
    async list(filter, actor) {
      const city = await deps.city.read()
      const where = createConditions()
      where.after(decodeCursor(filter.cursor, UUID), 'a.opened_at', 'a.id', 'uuid')
      if (filter.state) where.add('a.state = any($?)', filter.state)
      if (filter.severity) where.add('a.severity = any($?)', filter.severity.map(Number))
      if (filter.type) where.add('a.type = any($?)', filter.type)
      if (filter.camera) where.add('a.source_id = any($?)', filter.camera)
      // Alone it is the index's own condition: the feed asks for nothing else.
      if (filter.verdict?.join() === 'none') where.addAll('a.verdict is null', [])
      else if (filter.verdict) where.add(`coalesce(a.verdict, 'none') = any($?)`, filter.verdict)
      if (filter.muted) where.addAll(filter.muted === 'true' ? `not ${NOT_MUTED}` : NOT_MUTED, [])
      const department = limitedTo(actor)
      if (department !== null) where.add(OF_DEPARTMENT, department)
      where.params.push(filter.limit + 1)
      const sql = `${SELECT_ALERTS} where ${where.sql()} order by a.opened_at desc, a.id desc limit $${where.params.length}`
      const { page, asOf } = await readPage(database, (tx) => tx.query<AlertRow>(sql, where.params))
      const { rows, next } = cutPage(page.rows, filter.limit, (row) => ({
        micros: row.opened_micros,
        key: row.id,
      }))
      return { items: rows.map((row) => toAlertItem(row, city)), next, asOf }
    },
    async detail(id, actor) {
      const city = await deps.city.read()
      return database.transaction(async (tx) => {
        await tx.query('set transaction isolation level repeatable read read only')
        const row = await find(tx, id, actor)
        return toDetail(tx, row, city, clock.now())
      })
    },
  }
}

async function toDetail(tx: Queryable, row: AlertRow, city: City, now: number): Promise<AlertDetail> {
  const notifications = await readNotifications(tx, city, [['alert', row.id]])
  const others = await tx.query<{ count: number }>(
    `select count(*)::int as count from alerts
      where source_id = $1 and source_kind = $2 and id <> $3 and opened_at > $4`,
    [row.source_id, row.source_kind, row.id, new Date(now - DAY_MS)],
  )
  const filed = await tx.query<{ no: string; filed_by: string; filed_at: Date }>(
    'select no, filed_by, filed_at from cases where alert_id = $1 order by filed_at, no',
    [row.id],
  )
  const ended = await tx.query<EndedVerdict>(
    `select verdict, reason, by, at, ended, ended_by, ended_at, ended_reason from verdicts
      where alert_id = $1 and ended is not null order by n`,
    [row.id],
  )
  const sensor = row.source_kind === 'sensor' ? city.sensor(row.source_id) : null
  const { still } = row.cause
  const polygon = row.zone === null ? undefined : city.camera(row.source_id)?.zones[row.zone]
  return {
    ...toAlertItem(row, city),
    cause: row.cause,
    sensor: sensor && { factor: sensor.factor, unit: sensor.unit },
    zonePolygon: polygon ?? null,
    stillMethod: still && 'method' in still ? still.method : null,
    clipError: row.clip_error,
    clipWhy: pictureFaults.read(row.clip_error),
    pictures: await picturesOf(tx, row, city),
    sameCamera24h: others.rows[0]?.count ?? 0,
    notifications,
    holds: await readHolds(tx, { kind: 'alert', id: row.id }),
    timeline: timelineOf(row, filed.rows, ended.rows, notifications),
    route: routeOf(row, city),
  }
}

/** Where filing would send it now, by the rule that filing itself uses. */
function routeOf(row: AlertRow, city: City): AlertDetail['route'] {
  const found = matchRoute(city.routes, {
    type: row.type,
    severity: row.severity,
    purpose: row.purpose,
    camera: row.source_kind === 'camera' ? row.source_id : null,
    grid: row.place?.grid ?? null,
  })
  if (!found) return null
  const { lead, assist } = found.route
  return {
    lead,
    leadName: city.departmentName(lead),
    assist: [...assist],
    reachable: city.isReachable(lead),
  }
}
