import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { MachineActor } from '../core/actor.ts'
import { writeChange } from '../core/changes.ts'
import type { CityConfig, UserConfig } from '../core/config/city.ts'
import { machineReasons } from '../core/machine-reason.ts'
import type { Database, Queryable } from '../core/ports/database.ts'
import { hasPassword, setPassword } from '../dashboard-api/auth/credentials.ts'
import type { DataFolder } from './data-folder.ts'
import { writePrivate } from './data-folder.ts'

export const FIRST_OPERATOR = 'operator'

/** Sets the passwords of a city file's users where the file of a password changed; a person's own change stays. */
export async function applyPasswords(database: Database, users: readonly UserConfig[]): Promise<void> {
  for (const user of users) {
    const password = (await readFile(user.passwordFile, 'utf8')).replace(/\r?\n$/, '')
    const sourceSha256 = createHash('sha256').update(password).digest('hex')
    await database.transaction(async (tx) => {
      const { rows } = await tx.query<{ source_sha256: string | null }>(
        'select source_sha256 from credentials where user_name = $1 for update',
        [user.name],
      )
      if (rows[0]?.source_sha256 === sourceSha256) return
      await setPassword(tx, user.name, password, { mustChange: false, sourceSha256 })
    })
  }
}

export interface FirstLogin {
  readonly name: string
  /** Known only when it was made now. */
  readonly password: string | null
  readonly others: readonly string[]
}

/**
 * An operator must exist: where the city file has none (or SHARP_EYES_PASSWORD asks for one) `operator` is made, with
 * that password as it is, or a one-time one that must be changed. `others` are sample accounts with the same password.
 */
export async function ensureOperator(
  database: Database,
  city: Pick<CityConfig, 'users'> | null,
  others: readonly { name: string; roles: readonly string[]; department?: string }[],
): Promise<FirstLogin | null> {
  const given = process.env.SHARP_EYES_PASSWORD
  const { rows } = await database.query<{ id: string }>(
    `select id from config_objects where kind = 'user' and removed_at is null and body -> 'roles' ? 'operator' and id <> $1`,
    [FIRST_OPERATOR],
  )
  const named = city?.users.some((user) => user.name === FIRST_OPERATOR) ?? false
  if (named || (rows.length > 0 && !given)) return null
  const password = given ?? randomBytes(9).toString('base64url')
  const people = [{ name: FIRST_OPERATOR, roles: ['operator', 'admin'] as readonly string[] }, ...others]
  return database.transaction(async (tx) => {
    const exists = await hasCredentials(tx, FIRST_OPERATOR)
    for (const person of people) {
      await storePerson(tx, person)
      // The one that it has is not set anew: that would end the sessions of whoever is logged in, at each start.
      const has =
        given && person === people[0]
          ? await hasPassword(tx, person.name, given)
          : await hasCredentials(tx, person.name)
      if (!has) await setPassword(tx, person.name, password, { mustChange: !given })
    }
    return {
      name: FIRST_OPERATOR,
      password: exists && !given ? null : password,
      others: others.map((o) => o.name),
    }
  })
}

/** Managed by the desk: `apply` of a file leaves it alone. Its version and its row of the change log are written with it. */
async function storePerson(
  tx: Queryable,
  person: { name: string; roles: readonly string[]; department?: string },
): Promise<void> {
  const body = JSON.stringify({
    name: person.name,
    roles: person.roles,
    ...(person.department ? { department: person.department } : {}),
  })
  const { rowCount } = await tx.query(
    `insert into config_objects (kind, id, managed_by, version, body) values ('user', $1, 'desk', 1, $2) on conflict (kind, id) do nothing`,
    [person.name, body],
  )
  if (rowCount === 0) return
  const actor: MachineActor = 'start'
  const reason = machineReasons.write('first_login')
  await tx.query(
    `insert into config_versions (kind, id, version, body, managed_by, actor, reason) values ('user', $1, 1, $2, 'desk', $3, $4)`,
    [person.name, body, actor, reason],
  )
  await writeChange(tx, {
    topic: 'config',
    key: `user/${person.name}`,
    payload: { change: 'added', version: 1, managedBy: 'desk', keys: Object.keys(person), actor, reason },
  })
}

async function hasCredentials(tx: Queryable, name: string): Promise<boolean> {
  return (await tx.query('select 1 from credentials where user_name = $1', [name])).rowCount > 0
}

/** The one-time password goes to a terminal only; otherwise into a file that only its owner reads. */
export async function tellFirstLogin(login: FirstLogin, folder: DataFolder): Promise<readonly string[]> {
  if (process.env.SHARP_EYES_PASSWORD)
    return [`Log in as ${login.name} with the password of SHARP_EYES_PASSWORD`, ...others(login)]
  if (!login.password) return [`Log in as ${login.name} (its password was set before)`]
  if (process.stdout.isTTY) {
    return [
      `Log in as ${login.name}, one-time password ${login.password} (to be changed at the first log-in)`,
      ...others(login),
    ]
  }
  await writePrivate(folder.firstLogin, `${login.name}\n${login.password}\n`)
  return [`Log in as ${login.name}; the one-time password is in ${folder.firstLogin}`, ...others(login)]
}

const others = ({ others }: FirstLogin): readonly string[] =>
  others.length > 0 ? [`The same password opens the sample accounts: ${others.join(', ')}`] : []
