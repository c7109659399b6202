import { randomBytes } from 'node:crypto'
import type { Retention } from '../../core/api/retention.ts'
import type { AccountItem } from '../../core/api/users.ts'
import { writeChange } from '../../core/changes.ts'
import type { ManagedBy } from '../../core/config/objects.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { setPassword } from '../auth/credentials.ts'
import type { Handlers } from '../http/route.ts'
import type { userRoutes } from './routes.ts'

export function userHandlers(deps: {
  readonly database: Database
  readonly retention: Retention
  readonly log: Log
}): Handlers<typeof userRoutes> {
  const { database, log } = deps
  return {
    async users() {
      const { rows } = await database.query<{
        name: string
        must_change: boolean | null
        changed_at: Date | null
      }>(
        `select u.id as name, c.must_change, c.changed_at
           from config_objects u left join credentials c on c.user_name = u.id
          where u.kind = 'user' and u.removed_at is null order by u.id`,
      )
      return {
        items: rows.map(
          ({ name, must_change, changed_at }): AccountItem => ({
            name,
            password: changed_at === null ? 'none' : must_change ? 'one_time' : 'set',
            since: changed_at?.toISOString() ?? null,
          }),
        ),
      }
    },
    async oneTimePassword({ params: { name }, actor, body }) {
      if (name === actor.name)
        throw new SharpEyesError(
          'state_conflict',
          'a one-time password would log you out: change your own password with the one you have',
          { details: { why: 'own_password' } },
        )
      // Twelve letters and digits of 72 random bits, as the first log-in has.
      const password = randomBytes(9).toString('base64url')
      await database.transaction(async (tx) => {
        const { rows } = await tx.query<{ managed_by: ManagedBy; version: number }>(
          `select managed_by, version from config_objects
            where kind = 'user' and id = $1 and removed_at is null for share`,
          [name],
        )
        const person = rows[0]
        if (!person) throw new SharpEyesError('not_found', `there is no user ${name}`)
        const { reason } = body()
        if (person.managed_by === 'file')
          throw new SharpEyesError(
            'state_conflict',
            `user ${name} is managed by the city file: change its password file and run "sharp-eyes apply", or take the user over to the desk first`,
            { details: { why: 'file_managed', version: person.version, managedBy: 'file' } },
          )
        await setPassword(tx, name, password, { mustChange: true })
        await writeChange(tx, {
          topic: 'config',
          key: `user/${name}`,
          payload: { change: 'password_reset', actor: actor.name, reason },
        })
      })
      log.info({ name, by: actor.name }, 'a one-time password was made')
      return { name, password }
    },
    retention: async () => deps.retention,
  }
}
