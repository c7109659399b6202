import type { CameraStatus } from '../../core/ports/control.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { storableJson } from '../control/storable.ts'
import { LEASE } from './lease-times.ts'

/** A lease as the database gives it: `epoch` is a bigint in decimal. */
export interface Lease {
  readonly camera: string
  readonly epoch: string
}

/** No interval is longer: whoever looks for what covers a moment looks back for a day. */
const LONGEST_INTERVAL = "interval '1 day'"
const KEEP = "interval '400 days'"

/**
 * Moves the interval of each camera on to `at`, or begins another one where something of it changed. Called in the
 * transaction that has just renewed or claimed these leases: while their rows are locked no other worker can write the
 * same camera, so intervals of two holders never overlap. A camera without a status has just been given to its holder.
 *
 * A holder that was not heard of for longer than a lease has lost it: what it saw since is not known, a hole stays a hole.
 *
 * A new state began when the worker says (`since`), but neither before the last call nor after this one: its clock may
 * be wrong. Everything else that changes (model, types that are not watched) changes at `at`.
 */
export async function writeCoverage(
  tx: Queryable,
  { worker, model, at }: { readonly worker: string; readonly model: string | null; readonly at: string },
  leases: readonly Lease[],
  status: readonly CameraStatus[],
): Promise<void> {
  if (leases.length === 0) return
  const told = new Map(status.map((one) => [one.camera, one]))
  const rows = leases.map(({ camera, epoch }) => {
    const now = told.get(camera)
    return {
      camera,
      epoch,
      state: now?.state ?? 'connecting',
      since: now ? timeOf(now.since) : null,
      unavailable: [...new Set(now?.unavailable.map(({ type }) => type))].sort(),
    }
  })
  await tx.query(
    `with told as (
       select r.camera, r.epoch, r.state, r.since,
              array(select jsonb_array_elements_text(r.unavailable)) as unavailable
       from jsonb_to_recordset($1::jsonb) as r (camera text, epoch bigint, state text, since timestamptz, unavailable jsonb)
     ), met as (
       select t.*, l.id as last, l.to_at as last_to, l.from_at > $4::timestamptz - ${LONGEST_INTERVAL} as short,
              l.worker = $2 and l.epoch = t.epoch and l.to_at >= $4::timestamptz - ${LEASE} as goes_on,
              l.state = t.state as same_state, l.model is not distinct from $3 and l.unavailable = t.unavailable as same_rest
       from told t left join lateral (
         select * from coverage c where c.camera = t.camera order by c.from_at desc, c.id desc limit 1) l on true
     ), judged as (
       select m.*, coalesce(goes_on, false) as joined, coalesce(goes_on and same_state and same_rest and short, false) as same,
              case when goes_on and not same_state then greatest(last_to, least(coalesce(since, $4::timestamptz), $4::timestamptz))
                   else $4::timestamptz end as changed_at
       from met m
     ), moved as (
       update coverage c set to_at = case when j.same then $4::timestamptz else j.changed_at end
       from judged j where c.id = j.last and j.joined
     )
     insert into coverage (camera, worker, epoch, from_at, to_at, state, model, unavailable)
     select camera, $2, epoch, changed_at, $4::timestamptz, state, $3, unavailable from judged where not same`,
    [storableJson(rows), worker, model, at],
  )
}

/** A time that the database can store; a worker's clock may say anything. */
const timeOf = (ms: number): string | null =>
  Math.abs(ms) < 8.64e15 && ms >= 0 ? new Date(ms).toISOString() : null

/** Drops intervals that ended 400 days ago, and workers not heard of since. Returns how many intervals. */
export async function dropOldCoverage(database: Queryable): Promise<number> {
  const { rowCount } = await database.query(`delete from coverage where to_at < now() - ${KEEP}`)
  await database.query(`delete from workers where last_seen < now() - ${KEEP}`)
  return rowCount
}
