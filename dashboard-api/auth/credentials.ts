import argon2 from 'argon2'
import { SharpEyesError } from '../../core/errors.ts'
import type { Queryable } from '../../core/ports/database.ts'

/** argon2id with 19 MiB, two passes, one lane: the first choice of the OWASP password storage cheat sheet. */
const HASHING = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** Longer ones only cost the server time. */
const MAX_PASSWORD_BYTES = 1_024

/**
 * The only writer of `credentials`. `mustChange`: the person may do nothing before choosing another password.
 * `sourceSha256` names the password file it was read from, so that `apply` sets it only when the file changed.
 * Sessions opened before are over. Throws `invalid` for an empty or overlong password; its text is never in an error.
 */
export async function setPassword(
  tx: Queryable,
  name: string,
  password: string,
  options: { mustChange: boolean; sourceSha256?: string },
): Promise<void> {
  const bytes = Buffer.byteLength(password)
  if (bytes === 0 || bytes > MAX_PASSWORD_BYTES) {
    throw new SharpEyesError(
      'invalid',
      `the password of user "${name}" has ${bytes} bytes: it must have 1 to ${MAX_PASSWORD_BYTES}`,
      { details: { why: 'password_long', most: MAX_PASSWORD_BYTES } },
    )
  }
  const hash = await argon2.hash(password, HASHING)
  await tx.query(
    `insert into credentials (user_name, hash, must_change, source_sha256, changed_at)
     values ($1, $2, $3, $4, clock_timestamp())
     on conflict (user_name) do update set hash = excluded.hash, must_change = excluded.must_change,
       source_sha256 = coalesce(excluded.source_sha256, credentials.source_sha256), changed_at = excluded.changed_at`,
    [name, hash, options.mustChange, options.sourceSha256 ?? null],
  )
}

/** Whether this is the password that `name` has, for good. Not for log-ins: an unknown name answers sooner. */
export async function hasPassword(tx: Queryable, name: string, password: string): Promise<boolean> {
  const { rows } = await tx.query<{ hash: string }>(
    'select hash from credentials where user_name = $1 and not must_change',
    [name],
  )
  return rows[0] !== undefined && argon2.verify(rows[0].hash, password)
}

export interface PasswordCheck {
  /** Runs `work` when it is its turn: at most two at a time, and a hundred that wait. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
  /** Whether the password is right. An unknown name takes as long as a wrong password. */
  matches(tx: Queryable, name: string, password: string): Promise<boolean>
}

/** In turn, because each hash takes 19 MiB and a core, and a flood of log-ins must not starve the pictures. */
export function createPasswordCheck(): PasswordCheck {
  const decoy = argon2.hash('no user has this password', HASHING)
  // A failure is thrown to whoever logs in, not into the void at start.
  decoy.catch(() => undefined)
  return {
    inTurn: createTurns(2, 100),
    async matches(tx, name, password) {
      const { rows } = await tx.query<{ hash: string }>(
        `select c.hash from credentials c join config_objects u on u.kind = 'user' and u.id = c.user_name
         where c.user_name = $1 and u.removed_at is null`,
        [name],
      )
      const right = await argon2.verify(rows[0]?.hash ?? (await decoy), password)
      return right && rows.length === 1
    },
  }
}

function createTurns(limit: number, maxWaiting: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = limit
  const waiting: (() => void)[] = []
  return async (work) => {
    if (waiting.length >= maxWaiting) {
      throw new SharpEyesError('too_many_requests', 'too many people log in at this moment; try again', {
        details: { retryAfterSeconds: 5 },
      })
    }
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
}
