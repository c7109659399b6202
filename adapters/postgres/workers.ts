import { createHash } from 'node:crypto'
import { SharpEyesError } from '../../core/errors.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { sayingWhenAway } from '../control/database-away.ts'
import { makeWorkerToken, WORKER_NAME } from '../control/token.ts'
import type { WorkerAddress } from '../live/line.ts'
import { forgetWorkers } from './control-plane.ts'

export interface WorkerToken {
  readonly name: string
  readonly createdAt: Date
  readonly createdBy: string
  readonly revokedAt: Date | null
  /** To the minute. */
  readonly lastSeenAt: Date | null
}

interface TokenRow {
  readonly name: string
  readonly created_at: Date
  readonly created_by: string
  readonly revoked_at: Date | null
  readonly last_seen_at: Date | null
}

const COLUMNS = 'name, created_at, created_by, revoked_at, last_seen_at'
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')
const toToken = (row: TokenRow): WorkerToken => ({
  name: row.name,
  createdAt: row.created_at,
  createdBy: row.created_by,
  revokedAt: row.revoked_at,
  lastSeenAt: row.last_seen_at,
})

/**
 * Makes a token for the workers named `<name>/…` and answers it: nobody can read it again. A revoked name may be given
 * again. Throws `invalid` for a name that is none, `state_conflict` for one that has a token.
 */
export async function addWorkerToken(database: Queryable, name: string, createdBy: string): Promise<string> {
  if (!WORKER_NAME.test(name)) {
    throw new SharpEyesError(
      'invalid',
      `"${name}" is no name for a worker: 1 to 64 letters, digits, ".", "-" and "_", the first one a letter or digit`,
    )
  }
  const token = makeWorkerToken(name)
  const { rowCount } = await database.query(
    `insert into worker_tokens as t (name, sha256, created_by) values ($1, $2, $3)
     on conflict (name) do update set sha256 = excluded.sha256, created_at = now(), created_by = excluded.created_by,
       revoked_at = null, last_seen_at = null
     where t.revoked_at is not null`,
    [name, hashOf(token), createdBy],
  )
  if (rowCount === 0) {
    throw new SharpEyesError(
      'state_conflict',
      `"${name}" has a token already: choose another name, or first "sharp-eyes workers revoke ${name}"`,
    )
  }
  return token
}

export async function listWorkerTokens(database: Queryable): Promise<readonly WorkerToken[]> {
  const { rows } = await database.query<TokenRow>(`select ${COLUMNS} from worker_tokens order by name`)
  return rows.map(toToken)
}

/** From the next call on its workers are refused; they let their cameras go. Throws `not_found`. */
export async function revokeWorkerToken(database: Queryable, name: string): Promise<WorkerToken> {
  const { rows } = await database.query<TokenRow>(
    `update worker_tokens set revoked_at = coalesce(revoked_at, now()) where name = $1 returning ${COLUMNS}`,
    [name],
  )
  const [row] = rows
  await forgetWorkers(database, name)
  if (row) return toToken(row)
  throw new SharpEyesError(
    'not_found',
    `no worker token is named "${name}"; "sharp-eyes workers list" shows them`,
  )
}

/** Finds who shows a token. Only hashes are compared. */
export interface WorkerTokens {
  /** Null: nobody has this token. Throws `database_unavailable`. */
  find(token: string): Promise<Pick<WorkerToken, 'name' | 'revokedAt'> | null>
}

export function createWorkerTokens(database: Queryable): WorkerTokens {
  return {
    find: (token) =>
      sayingWhenAway(async () => {
        const { rows } = await database.query<TokenRow & { stale: boolean }>(
          `select ${COLUMNS}, last_seen_at is null or last_seen_at < now() - interval '1 minute' as stale
           from worker_tokens where sha256 = $1`,
          [hashOf(token)],
        )
        const [row] = rows
        if (!row) return null
        if (row.stale)
          await database.query('update worker_tokens set last_seen_at = now() where name = $1', [row.name])
        return toToken(row)
      }),
  }
}

/** A worker as it was heard of last. */
export interface KnownWorker {
  /** `<name of its token>/<instance>`, or of the process that has the database itself. */
  readonly name: string
  readonly version: string
  readonly model: string | null
  readonly capacity: number
  readonly cameras: number
  readonly lastSeenAt: Date
  /** Heard of within the time of a lease, and not gone. */
  readonly present: boolean
  /** Its clock minus the server's; null: not measured. */
  readonly clockSkewMs: number | null
}

export async function listWorkers(database: Queryable): Promise<readonly KnownWorker[]> {
  const { rows } = await database.query<{
    name: string
    version: string
    model: string | null
    capacity: number
    cameras: number
    last_seen: Date
    present: boolean
    clock_skew_ms: number | null
  }>(
    `select name, version, model, capacity, cameras, last_seen, clock_skew_ms,
            started_at is not null and last_seen > now() - interval '20 seconds' as present
     from workers order by name`,
  )
  return rows.map((row) => ({
    name: row.name,
    version: row.version,
    model: row.model,
    capacity: row.capacity,
    cameras: row.present ? row.cameras : 0,
    lastSeenAt: row.last_seen,
    present: row.present,
    clockSkewMs: row.clock_skew_ms,
  }))
}

/** Where the pages' server asks for the live pictures of a camera; null: nobody holds it, or nowhere. */
export async function findLiveEndpoint(
  database: Queryable,
  camera: string,
): Promise<{ readonly url: string; readonly secret: string } | null> {
  const { rows } = await database.query<{ url: string; secret: string }>(
    `select w.endpoint_url as url, w.endpoint_secret as secret from camera_leases l join workers w on w.name = l.worker
     where l.camera = $1 and l.until >= now() and w.endpoint_url is not null`,
    [camera],
  )
  return rows[0] ?? null
}

/** Workers that are there, who would get the next camera first (as adapters/control/fair-share.ts fills them). */
export async function findProbeWorkers(database: Queryable): Promise<readonly WorkerAddress[]> {
  const { rows } = await database.query<AddressRow>(
    `select name as worker, endpoint_url as url, endpoint_secret as secret from workers
     where started_at is not null and last_seen > now() - interval '20 seconds'
     order by cameras >= capacity, cameras, name limit 100`,
  )
  return rows.map(addressOf)
}

/** Who held a camera in [from, to) or holds it now, the newest holding first, and where it can be asked; null: not now. */
export async function findRecordingHolders(
  database: Queryable,
  camera: string,
  from: number,
  to: number,
): Promise<readonly WorkerAddress[]> {
  const { rows } = await database.query<AddressRow>(
    `with holders as (
       select c.worker, max(c.to_at) as until from coverage c
         where c.camera = $1 and c.from_at < $3 and c.from_at > $2::timestamptz - interval '1 day' and c.to_at >= $2
         group by c.worker
       union all
       select l.worker, now() + interval '1 hour' from camera_leases l where l.camera = $1 and l.until >= now()
     )
     select h.worker, w.endpoint_url as url, w.endpoint_secret as secret
       from (select worker, max(until) as until from holders group by worker) h
       left join workers w on w.name = h.worker and w.started_at is not null and w.last_seen > now() - interval '20 seconds'
      order by h.until desc limit 20`,
    [camera, new Date(from), new Date(to)],
  )
  return rows.map(addressOf)
}

interface AddressRow {
  readonly worker: string
  readonly url: string | null
  readonly secret: string | null
}

const addressOf = ({ worker, url, secret }: AddressRow): WorkerAddress => ({
  worker,
  endpoint: url !== null && secret !== null ? { url, secret } : null,
})
