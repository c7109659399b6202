import { readConfig } from '../../adapters/postgres/config-store.ts'
import { dropOldCoverage } from '../../adapters/postgres/coverage.ts'
import { dropOldKeys } from '../../alerts/cases/once.ts'
import { runRetention } from '../../alerts/evidence/retention.ts'
import type { CityConfig } from '../../core/config/city.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { OpenEvidence } from '../evidence.ts'

const LOOK_MS = 30 * 60_000
const HOUR_OF_NIGHT = 3

/** Retention and orphaned files in the small hours of the city, until the signal. */
export async function runNightly(deps: {
  readonly database: Database
  readonly evidence: OpenEvidence
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly signal: AbortSignal
}): Promise<void> {
  const { database, evidence, clock, log, metrics, signal } = deps
  let lastNight = ''
  while (!signal.aborted) {
    try {
      const { day, hour } = cityTime(clock.now(), await cityTimezone(database))
      if (hour === HOUR_OF_NIGHT && day !== lastNight) {
        await runRetention({ database, store: evidence.store, clock, log, metrics })
        await dropOldCoverage(database)
        await dropOldKeys({ database, clock, log })
        metrics.count('evidence_orphans_total', {}, await evidence.collectOrphans(database))
        lastNight = day
      }
    } catch (error) {
      log.error(
        { error: toSharpEyesError(error).message },
        'the nightly maintenance failed and is tried again in half an hour',
      )
    }
    await clock.sleep(LOOK_MS, signal).catch(() => undefined) // aborted: the loop ends
  }
}

export async function cityTimezone(database: Database): Promise<string> {
  const [city] = await readConfig<CityConfig['city']>(database, 'city')
  return city?.body.timezone ?? 'Asia/Shanghai'
}

export function cityTime(at: number, timezone: string): { day: string; hour: number } {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hour12: false,
  }).formatToParts(at)
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? ''
  return { day: `${part('year')}-${part('month')}-${part('day')}`, hour: Number(part('hour')) % 24 }
}
