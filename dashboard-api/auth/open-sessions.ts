import { createHash } from 'node:crypto'
import type { OpenSession } from '../../core/api/sessions.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import type { Handlers } from '../http/route.ts'
import { findPeople, hasAny, type PersonActor } from './people.ts'
import type { openSessionRoutes } from './routes.ts'
import { ABSOLUTE_MS, IDLE_MS, isAlive, type Login, type Sessions } from './session.ts'
import type { SessionWatch } from './watch.ts'

const MAX_SHOWN = 500

interface Row {
  readonly sid: string
  readonly login: Login
  readonly expire: Date
}

/** The id of a session is the hash of what its cookie holds: a list that somebody reads over a shoulder opens nothing. */
export function openSessionHandlers(deps: {
  database: Database
  sessions: Sessions
  watch: SessionWatch
  clock: Clock
  log: Log
}): Handlers<typeof openSessionRoutes> {
  const { database, sessions, watch, clock, log } = deps

  /** The latest used first; of one person, or of everybody. Sessions whose person or password is gone are over. */
  const read = async (name: string | null): Promise<Row[]> => {
    const { rows } = await database.query<Row>(
      `select sid, sess -> 'login' as login, expire::timestamptz as expire from sessions
        where expire > now() and sess ->> 'login' is not null and ($1::text is null or sess -> 'login' ->> 'name' = $1)
        order by expire desc, sid limit ${MAX_SHOWN}`,
      [name],
    )
    const people = await findPeople(database, [...new Set(rows.map(({ login }) => login.name))])
    return rows.filter(({ login }) => {
      const person = people.get(login.name)
      return person !== undefined && isAlive(login, person, clock.now())
    })
  }
  const end = async (row: Row, actor: PersonActor): Promise<void> => {
    await sessions.destroy(row.sid)
    watch.ended(row.sid)
    log.info({ name: row.login.name, by: actor.name }, 'a session was ended')
  }

  return {
    async openSessions({ request, query, actor }) {
      if (query.of === 'all' && !isAdmin(actor)) {
        throw new SharpEyesError('forbidden', 'of: the sessions of everybody are for admins', {
          details: { roles: ['admin'] },
        })
      }
      const rows = await read(query.of === 'all' ? null : actor.name)
      return { items: rows.map((row) => toItem(row, request.sessionID)) }
    },
    async endSession({ params, actor }) {
      const rows = await read(isAdmin(actor) ? null : actor.name)
      const row = rows.find(({ sid }) => idOf(sid) === params.id)
      if (!row) throw new SharpEyesError('not_found', 'there is no such session of yours; it may have ended')
      await end(row, actor)
    },
    async endOtherSessions({ request, actor }) {
      const others = (await read(actor.name)).filter(({ sid }) => sid !== request.sessionID)
      for (const row of others) await end(row, actor)
      return { ended: others.length }
    },
  }
}

const isAdmin = (actor: PersonActor): boolean => hasAny(actor, ['admin'])
const idOf = (sid: string): string => createHash('sha256').update(sid).digest('hex')

function toItem({ sid, login, expire }: Row, asking: string): OpenSession {
  const iso = (at: number) => new Date(at).toISOString()
  return {
    ...{ id: idOf(sid), name: login.name, mine: sid === asking, since: iso(login.at) },
    // Each use sets the end anew.
    lastUse: iso(expire.getTime() - IDLE_MS),
    until: iso(Math.min(expire.getTime(), login.at + ABSOLUTE_MS)),
    ...{ address: login.address ?? null, browser: login.browser ?? null },
  }
}
