import type { Health } from '../core/api/shapes.ts'
import type { Clock } from '../core/ports/clock.ts'
import { type HealthSource, notBuilt, readSource, source } from './health/part.ts'
import { VERSION } from './version.ts'

export {
  alertingHealth,
  coverageHealth,
  historyHealth,
  sensorsHealth,
  workersHealth,
} from './health/alerting.ts'
export { consumerHealth, kafkaHealth, publisherHealth } from './health/bus.ts'
export { databaseHealth, diskHealth } from './health/machine.ts'
export { workDaysHealth } from './health/work-days.ts'
export {
  analysisHealth,
  camerasHealth,
  clockHealth,
  sensingHealth,
  slowLiveHealth,
  spoolHealth,
  transportHealth,
} from './health/worker.ts'

/** What works, part by part, with the reason where it does not. Nothing is called well that was not looked at. */
export async function readHealth(
  sources: readonly HealthSource[],
  { ready, clock }: { readonly ready: boolean; readonly clock: Clock },
): Promise<Health> {
  const parts = (await Promise.all(sources.map((each) => readSource(each, clock)))).flat()
  const bad = parts.some((part) => part.status === 'degraded' || part.status === 'down')
  return {
    status: !ready ? 'starting' : bad ? 'degraded' : 'ok',
    parts,
    version: VERSION,
    now: new Date(clock.now()).toISOString(),
  }
}

export const notBuiltHealth = (notes: readonly string[]): HealthSource =>
  source('not built yet', () => notes.map((detail) => notBuilt('not built yet', detail)))
