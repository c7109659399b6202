import { v7 as uuidv7 } from 'uuid'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { AlertReader } from '../alerts/read.ts'
import { CITY_WIDE_CASES, limitedTo, type PersonActor } from '../auth/people.ts'
import type { CaseReader } from '../cases/read.ts'
import type { CityReader } from '../city.ts'
import type { Handlers } from '../http/route.ts'
import { insertLook } from '../looks.ts'
import { readKept } from '../recordings/read-kept.ts'
import type { originalRoutes } from './routes.ts'
import { type RequestRow, SELECT_REQUESTS, toRequest } from './rows.ts'

/** A request holds so long, decided or not. */
const HOLDS_MS = 24 * 3_600_000
const MAX_SHOWN = 200
/** Open requests of one person. */
const MAX_OPEN = 50

/** The only writer of `original_requests`. Every request and decision is a look with its change, in the same transaction. */
export function originalHandlers(deps: {
  readonly database: Database
  readonly city: CityReader
  readonly alerts: AlertReader
  readonly cases: CaseReader
  readonly clock: Clock
}): Handlers<typeof originalRoutes> {
  const { database, clock } = deps
  const mode = async () => (await deps.city.read()).facts.originals ?? 'one_person'

  /** What is asked for, by the asker's rights. */
  const matterOf = async (
    tx: Queryable,
    asked: { alert?: string | undefined; case?: string | undefined; recording?: string | undefined },
    actor: PersonActor,
  ): Promise<Matter> => {
    if (asked.alert !== undefined) {
      const alert = await deps.alerts.find(tx, asked.alert, actor)
      const { case_no: caseNo, purpose } = alert
      return { object: `alert:${alert.id}`, caseNo, purpose: purpose ?? 'unknown' }
    }
    if (asked.case !== undefined) {
      const { body } = await deps.cases.find(tx, asked.case, actor)
      return { object: `case:${body.no}`, caseNo: body.no, purpose: body.purpose ?? 'unknown' }
    }
    const department = limitedTo(actor, CITY_WIDE_CASES)
    const [kept] = await readKept(tx, { id: asked.recording ?? '' }, department)
    if (!kept) throw new SharpEyesError('not_found', `there is no kept recording ${asked.recording}`)
    return { object: `recording:${kept.id}`, caseNo: kept.caseNo, purpose: 'unknown' }
  }
  const read = async (tx: Queryable, id: string): Promise<RequestRow> => {
    const { rows } = await tx.query<RequestRow>(`${SELECT_REQUESTS} where r.id = $1`, [id])
    if (rows[0]) return rows[0]
    throw new SharpEyesError('not_found', 'there is no such request')
  }

  return {
    async originals({ actor }) {
      const { rows } = await database.query<RequestRow>(
        `${SELECT_REQUESTS} order by r.requested_at desc, r.id desc limit ${MAX_SHOWN}`,
      )
      const now = clock.now()
      const city = await deps.city.read()
      return { mode: await mode(), items: rows.map((row) => toRequest(row, city, actor, now)) }
    },

    async askOriginal({ actor, body }) {
      const { reason, ...asked } = body()
      return database.transaction(async (tx) => {
        const { object, caseNo, purpose } = await matterOf(tx, asked, actor)
        if ((await mode()) === 'one_person')
          throw new SharpEyesError('state_conflict', 'one person is enough here: open it with a reason', {
            details: { why: 'one_person' },
          })
        const now = clock.now()
        // One at a time for each person: two clicks are one request.
        await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`original ${actor.name}`])
        const { rows } = await tx.query<{ object: string; waiting: boolean }>(
          `select object, approved is null as waiting from original_requests
            where requested_by = $1 and expires_at > $2 and approved is not false and opened_at is null`,
          [actor.name, new Date(now)],
        )
        const same = rows.find((row) => row.object === object)
        if (same)
          throw new SharpEyesError(
            'state_conflict',
            same.waiting
              ? 'you have asked for this already; somebody else has to decide'
              : 'you have an approval for this already; open it',
            { details: { why: same.waiting ? 'asked' : 'approved' } },
          )
        if (rows.length >= MAX_OPEN)
          throw new SharpEyesError(
            'too_many_requests',
            `you have ${MAX_OPEN} open requests; wait until some are decided or have expired`,
            { details: { retryAfterSeconds: 3_600 } },
          )
        const id = uuidv7()
        await tx.query(
          `insert into original_requests (id, object, case_no, purpose, reason, requested_by, requested_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)`,
          [id, object, caseNo, purpose, reason, actor.name, new Date(now), new Date(now + HOLDS_MS)],
        )
        const look = { object, camera: null, purpose, caseNo, reason, request: id }
        await insertLook(tx, { ...look, who: actor.name, what: 'original_request' })
        return toRequest(await read(tx, id), await deps.city.read(), actor, now)
      })
    },

    async decideOriginal({ params, actor, body }) {
      return database.transaction(async (tx) => {
        const found = await read(tx, params.id)
        const { approved, reason } = body()
        if (found.requested_by === actor.name)
          throw new SharpEyesError('forbidden', 'nobody decides the own request; another one has to')
        const now = clock.now()
        // In one statement: of two who decide at once the second finds it decided, and what expires meanwhile stays undecided.
        const { rowCount } = await tx.query(
          `update original_requests set approved = $2, decided_by = $3, decided_at = $4, decision_reason = $5
            where id = $1 and approved is null and expires_at > $4`,
          [params.id, approved, actor.name, new Date(now), reason],
        )
        const row = await read(tx, params.id)
        if (rowCount === 0)
          throw new SharpEyesError(
            'state_conflict',
            row.approved === null
              ? `the request expired at ${row.expires_at.toISOString()}; it has to be asked for anew`
              : `${row.decided_by} has ${row.approved ? 'approved' : 'refused'} it already`,
            {
              details:
                row.approved === null
                  ? { why: 'ask_expired', at: row.expires_at.toISOString() }
                  : { why: 'decided', by: row.decided_by },
            },
          )
        await insertLook(tx, {
          ...{ object: row.object, camera: null, purpose: row.purpose, caseNo: row.case_no, reason },
          ...{ who: actor.name, request: row.id },
          what: approved ? 'original_approval' : 'original_refusal',
        })
        return toRequest(row, await deps.city.read(), actor, now)
      })
    },
  }
}

interface Matter {
  readonly object: string
  readonly caseNo: string | null
  readonly purpose: string
}
