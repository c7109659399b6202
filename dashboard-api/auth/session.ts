import connectPgSimple from 'connect-pg-simple'
import type { Request, RequestHandler } from 'express'
import session from 'express-session'
import type { Pool } from 'pg'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { findPeople, type Person, type PersonActor } from './people.ts'

declare module 'express-session' {
  interface SessionData {
    login: Login
  }
}

/** What a session knows of its person. Rights are not in it: they are read when they are asked for. */
export interface Login {
  readonly name: string
  /** Epoch ms of the log-in. */
  readonly at: number
  /** `passwordSince` of the person at that time. */
  readonly passwordSince: number
  /** How; absent: by password. */
  readonly by?: 'oidc'
  /** Where it was opened; absent in sessions of before this was noted. */
  readonly address?: string
  /** Its User-Agent, at most 300 characters. */
  readonly browser?: string
}

/** A session that nobody uses ends after four hours, and every session after a shift of twelve. */
export const IDLE_MS = 4 * 3_600_000
export const ABSOLUTE_MS = 12 * 3_600_000

export interface Sessions {
  /** Reads the cookie; sets `request.session`. */
  readonly middleware: RequestHandler
  /** Who asks; throws `not_logged_in`. A session whose person or password is gone is destroyed. */
  person(request: Request): Promise<Person>
  /** New session id at each log-in, so that one planted before is worthless. */
  begin(request: Request, name: string, by?: 'oidc'): Promise<Person>
  end(request: Request): Promise<void>
  /** Ends another session by its secret id. */
  destroy(sid: string): Promise<void>
  close(): void
}

export function createSessions(deps: {
  database: Database
  pool: Pool
  secret: string
  secure: boolean
  behindProxy: boolean
  clock: Clock
  log: Log
}): Sessions {
  const { database, clock, log } = deps
  const Store = connectPgSimple(session)
  const store = new Store({
    pool: deps.pool,
    tableName: 'sessions',
    createTableIfMissing: false,
    pruneSessionInterval: 15 * 60,
    errorLog: (...parts: unknown[]) =>
      log.warn({ error: parts.map(String).join(' ') }, 'the session store failed'),
  })
  const middleware = session({
    store,
    name: 'sharp-eyes',
    secret: deps.secret,
    resave: false,
    saveUninitialized: false,
    rolling: true,
    proxy: deps.behindProxy,
    cookie: { httpOnly: true, sameSite: 'lax', secure: deps.secure, maxAge: IDLE_MS, path: '/' },
  })
  const begin = async (request: Request, name: string, by?: 'oidc'): Promise<Person> => {
    const person = (await findPeople(database, [name])).get(name)
    if (!person) throw notLoggedIn()
    await settle((done) => request.session.regenerate(done))
    const browser = request.get('User-Agent')?.slice(0, 300)
    request.session.login = {
      ...{ name, at: clock.now(), passwordSince: person.passwordSince },
      ...(by ? { by } : {}),
      ...(request.ip ? { address: request.ip } : {}),
      ...(browser ? { browser } : {}),
    }
    await settle((done) => request.session.save(done))
    return person
  }
  return {
    middleware,
    begin,
    async person(request) {
      const login = request.session?.login
      if (!login) throw notLoggedIn()
      const person = (await findPeople(database, [login.name])).get(login.name)
      if (person && isAlive(login, person, clock.now()))
        return { ...person, mustChange: mustChange(login, person) }
      await settle((done) => request.session.destroy(done))
      throw notLoggedIn()
    },
    end: (request) => settle((done) => request.session.destroy(done)),
    destroy: (sid) => settle((done) => store.destroy(sid, done)),
    close: () => store.close(),
  }
}

export const isAlive = (login: Login, person: Person, now: number): boolean =>
  person.passwordSince === login.passwordSince && now - login.at < ABSOLUTE_MS

/** Who comes by the identity provider has not used the one-time password. */
export const mustChange = (login: Login, person: Person): boolean => person.mustChange && login.by !== 'oidc'

/** Whether two readings of a person's rights say the same. */
export const sameRights = (a: PersonActor, b: PersonActor): boolean =>
  a.department === b.department && [...a.roles].sort().join() === [...b.roles].sort().join()

const notLoggedIn = () => new SharpEyesError('not_logged_in', 'log in first')

function settle(work: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    work((error) => {
      if (error === undefined || error === null) resolve()
      else reject(error instanceof Error ? error : new Error(String(error)))
    })
  })
}
