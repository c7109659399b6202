import { systemClock } from '../../adapters/clock.ts'
import { freeBytes } from '../../adapters/evidence-store/disk.ts'
import type { EvidenceShelf } from '../../adapters/evidence-store/shelf.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import { createDiskTrend } from './disk-days.ts'
import { atMostEvery, down, type HealthSource, poor, source, well } from './part.ts'

const LOW_DISK_BYTES = 2 * 2 ** 30
const EVIDENCE_EVERY_MS = 30_000

export const databaseHealth = (db: Database): HealthSource =>
  source('database', async () => {
    const { rows } = await db.query<{ version: string; standby: boolean }>(
      "select current_setting('server_version') as version, pg_is_in_recovery() as standby",
    )
    const { version = '', standby = false } = rows[0] ?? {}
    return [
      standby
        ? down('database', 'read_only', `PostgreSQL ${version} is a standby: nothing can be written`, {
            version,
          })
        : well('database', `PostgreSQL ${version}`, { version }),
    ]
  })

export function diskHealth(path: string, clock: Clock = systemClock): HealthSource {
  const trend = createDiskTrend()
  return source('disk', async () => {
    const free = await freeBytes(path)
    const gib = Number((free / 2 ** 30).toFixed(1))
    const measured = trend(clock.now(), free)
    const lasts =
      measured === null
        ? ''
        : `, ${measured.days === null ? 'not growing' : `for ${measured.days} days at the growth`} of the last ${measured.hours} h`
    const detail = `${gib} GiB free in ${path}${lasts}`
    const facts = {
      ...{ gib, path },
      // Days absent: nothing grows. Hours absent: not measured yet.
      ...(measured && { hours: measured.hours }),
      ...(measured?.days != null && { days: measured.days }),
    }
    return [free < LOW_DISK_BYTES ? poor('disk', 'low', detail, facts) : well('disk', detail, facts)]
  })
}

/** A bucket answers whether it has what it cannot have; a folder is the disk's business. */
export const evidenceHealth = (
  { store, kind }: { readonly store: Pick<EvidenceShelf, 'has'>; readonly kind: 'disk' | 's3' },
  clock: Clock,
): HealthSource =>
  kind === 'disk'
    ? source('evidence', () => [well('evidence', 'in the data folder', { cause: 'disk' })])
    : atMostEvery(
        EVIDENCE_EVERY_MS,
        source('evidence', async () => {
          await store.has('0'.repeat(64), 0)
          return [well('evidence', 'the bucket answers', { cause: 's3' })]
        }),
        clock,
      )
