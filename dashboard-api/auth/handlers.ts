import type { Request } from 'express'
import type { Session } from '../../core/api/shapes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { CityReader } from '../city.ts'
import type { Handlers } from '../http/route.ts'
import type { ROUTES } from '../routes.ts'
import { type PasswordCheck, setPassword } from './credentials.ts'
import type { LogInLimits } from './limits.ts'
import type { Person } from './people.ts'
import type { Sessions } from './session.ts'
import type { SessionWatch } from './watch.ts'

type Names = 'session' | 'logIn' | 'logOut' | 'changePassword'

export function sessionHandlers(deps: {
  database: Database
  city: CityReader
  sessions: Sessions
  passwords: PasswordCheck
  limits: LogInLimits
  watch: SessionWatch
  clock: Clock
  log: Log
  metrics: Metrics
}): Handlers<Pick<typeof ROUTES, Names>> {
  const { database, sessions, passwords, limits, watch, clock, log, metrics } = deps

  const answer = async (person: Person): Promise<Session> => {
    const { facts } = await deps.city.read()
    return {
      name: person.actor.name,
      roles: [...person.actor.roles],
      department: person.actor.department,
      mustChangePassword: person.mustChange,
      city: { name: facts.name, timezone: facts.timezone, datum: facts.datum },
      now: new Date(clock.now()).toISOString(),
    }
  }
  /** Limits are looked at in the same turn as the password: a burst must not be through before the first is counted. */
  const verify = (request: Request, name: string, password: string): Promise<void> =>
    passwords.inTurn(async () => {
      await limits.check(request, name)
      if (await passwords.matches(database, name, password)) return
      await limits.failed(request, name)
      metrics.count('log_ins_failed_total')
      // Without the name: people type their password into that field.
      log.info({ address: request.ip }, 'a log-in failed')
      throw new SharpEyesError('wrong_password', 'the name or the password is wrong')
    })

  return {
    async logIn({ request, body }) {
      const { name, password } = body()
      await verify(request, name, password)
      const before = request.sessionID
      const person = await sessions.begin(request, name)
      watch.ended(before)
      log.info({ name, address: request.ip }, 'logged in')
      return answer(person)
    },
    async session({ request }) {
      return answer(await sessions.person(request))
    },
    async logOut({ request, actor }) {
      const sid = request.sessionID
      await sessions.end(request)
      watch.ended(sid)
      log.info({ name: actor.name }, 'logged out')
    },
    async changePassword({ request, actor, body }) {
      const { current, next } = body()
      const { name } = actor
      await verify(request, name, current)
      if (next === current) {
        throw new SharpEyesError('invalid', 'next: the new password is the old one; choose another', {
          details: { why: 'same_password' },
        })
      }
      const before = request.sessionID
      await database.transaction((tx) => setPassword(tx, name, next, { mustChange: false }))
      // Its other sessions remember another password and are over; this one gets a new id.
      const person = await sessions.begin(request, name)
      watch.ended(before)
      log.info({ name }, 'password changed')
      return answer(person)
    },
  }
}
