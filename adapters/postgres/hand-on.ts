import { isUnanswered } from '../../core/camera-setup.ts'
import type { CameraStatus } from '../../core/ports/control.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { HANDING_OVER, LEASE, OFFER } from './lease-times.ts'

/** A camera that starts anew, or a switch, is back by then. */
const PATIENCE_MINUTES = 5
/** The patience of each further worker is twice that of the one before, up to this: the round must not end before it. */
const MOST_PATIENCE_MINUTES = 30
/** So long after it went on last, all may try again. */
const ROUND_MINUTES = 60
/** Why a worker cannot even try: its own credentials file, its own start. Another may have what it lacks. */
const OWN_FAULTS: readonly string[] = ['config_invalid', 'not_started']

/**
 * `status`: of cameras that this worker holds. Lets go of one camera at most of which this worker has heard nothing for a
 * while, or which it cannot start, and offers it to the worker with the fewest that has room and was not tried. Where
 * nobody is left it stays. Answers how many went. To be called in the transaction that has renewed these leases and
 * written their coverage.
 *
 * Open events do not keep it here, as they do when cameras are shared out: without pictures nobody follows them, and
 * the next holder adopts them. A camera that refuses, or sends what cannot be used, has answered: it would do so
 * elsewhere, and log-ins tried from several workers would lock its account.
 */
export async function handOn(
  tx: Queryable,
  { worker, at }: { readonly worker: string; readonly at: string },
  status: readonly CameraStatus[],
): Promise<number> {
  const silent = status.filter(isSilent).map(({ camera }) => camera)
  if (silent.length === 0) return 0
  const { rowCount } = await tx.query(
    `with mine as (
       select l.camera, l.epoch,
              case when l.handed_at > $2::timestamptz - make_interval(mins => $6) then l.not_reached else '{}' end as tried
       from camera_leases l where l.worker = $1 and l.camera = any($3)
     ), waited as (
       select m.*, $2::timestamptz - make_interval(
                mins => least($5, ($4 * power(2, least(cardinality(m.tried), 10)))::int)) as since
       from mine m
     ), chosen as (
       select m.camera, m.tried, n.name from waited m cross join lateral (
         select w.name from workers w cross join lateral (
           select w.cameras + count(*) as cameras from camera_leases o
           where o.offered_to = w.name and o.until > $2::timestamptz - ${OFFER}) due
         where w.name <> $1 and w.started_at < $2::timestamptz - ${LEASE} and w.last_seen > $2::timestamptz - ${LEASE}
           and due.cameras < w.capacity and w.name <> all(m.tried)
         order by due.cameras, w.name limit 1) n
       where exists (select 1 from coverage c where c.camera = m.camera and c.worker = $1 and c.epoch = m.epoch
               and c.from_at > $2::timestamptz - interval '2 days' and c.from_at <= m.since)
         and not exists (select 1 from coverage c where c.camera = m.camera and c.state = 'online'
               and c.from_at > $2::timestamptz - interval '2 days' and c.to_at > m.since)
       order by m.camera limit 1
     )
     update camera_leases l
       set worker = '', until = $2::timestamptz + ${HANDING_OVER}, offered_to = c.name, handed_at = $2::timestamptz,
           not_reached = array_append(array_remove(c.tried, $1), $1)
     from chosen c where l.camera = c.camera`,
    [worker, at, silent, PATIENCE_MINUTES, MOST_PATIENCE_MINUTES, ROUND_MINUTES],
  )
  return rowCount
}

const isSilent = ({ state, trouble }: CameraStatus): boolean =>
  state !== 'online' &&
  trouble != null &&
  (isUnanswered(trouble.code, trouble.facts.cause ?? null) || OWN_FAULTS.includes(trouble.code))
