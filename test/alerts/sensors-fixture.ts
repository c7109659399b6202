import { systemClock } from '../../adapters/clock.ts'
import { applyConfig, configObjects } from '../../adapters/postgres/config-store.ts'
import { createInbox, type Inbox, type InboxDeps } from '../../alerts/inbox/inbox.ts'
import { createReadingsInbox } from '../../alerts/sensors/inbox.ts'
import { citySchema } from '../../core/config/city.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { MessageReceiver } from '../../core/ports/messages.ts'
import { type Reading, type ReadingsMessage, toReadingsMessage } from '../../core/reading.ts'
import { TEST_TIME } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import type { TestDatabase } from '../support/postgres.ts'

export const MINUTE = 60_000
/** Minutes after the beginning of the test's day. */
export const at = (minutes: number): number => TEST_TIME + minutes * MINUTE

type SensorInput = Readonly<Record<string, unknown>>

/** PM2.5 every minute; over 150 for 3 minutes is an exceedance, until 120. */
export const PM: SensorInput = {
  id: 'pm',
  source: 'mqtt',
  topic: 'sensors/pm',
  factor: 'a34004',
  unit: 'ug/m3',
  every: '1m',
  limit: { above: 150, for: '3m', clear: 120 },
  place: { lon: 114.48, lat: 38.03, address: '学府路 1 号' },
}

export async function configure(
  database: Database,
  sensors: readonly SensorInput[],
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const city = citySchema.parse({ city: { name: '示例市' }, sensors, ...more })
  await applyConfig(database, configObjects(city), { actor: 'test', reason: 'test', write: true })
}

export const emptyTables = (database: Database) =>
  database.query(`truncate inbox, events, event_state, alerts, evidence, picture_requests, changes, dead_letters, readings,
    sensor_state, sensor_episodes, reading_marks, notifications, config_objects, config_versions cascade`)

export interface SensorSite {
  readonly inbox: Inbox
  readonly readings: MessageReceiver
  readonly metrics: ReturnType<typeof recordingMetrics>
}

export function sensorSite(
  database: Database,
  more: { readonly clock?: Clock; readonly onTransition?: InboxDeps['onTransition'] } = {},
): SensorSite {
  const metrics = recordingMetrics()
  const deps = { database, clock: more.clock ?? systemClock, log: silentLog, metrics }
  const { onTransition } = more
  const inbox = createInbox({ ...deps, ...(onTransition && { onTransition }) })
  return { inbox, metrics, readings: createReadingsInbox({ ...deps, inbox }) }
}

/** A packet with one reading at `minute`; it comes a second later. */
export function packet(
  minute: number,
  value: number | null,
  more: Partial<Reading> & { readonly device?: string; readonly receivedAt?: number } = {},
): ReadingsMessage {
  const { device = 'pm', receivedAt = at(minute) + 1_000, ...reading } = more
  return packetOf(device, receivedAt, [
    {
      factor: 'a34004',
      period: 'instant',
      statistic: 'value',
      at: at(minute),
      value,
      flag: null,
      ...reading,
    },
  ])
}

export function packetOf(
  device: string,
  receivedAt: number,
  readings: readonly Reading[],
  status: 'online' | 'offline' | null = null,
): ReadingsMessage {
  const worker = 'worker-1'
  return toReadingsMessage({ device, protocol: 'mqtt', receivedAt, worker, readings: [...readings], status })
}

/** `values` from a minute on, one a minute. */
export const series = (from: number, values: readonly number[]): ReadingsMessage[] =>
  values.map((value, index) => packet(from + index, value))

export async function exceedances(database: Database | TestDatabase) {
  const { rows } = await database.query<{
    since: Date
    ended_at: Date | null
    state: { startedAt: number; measured: { peak: number; value: number } }
  }>(
    `select since, ended_at, state from sensor_episodes where type = 'exceedance' and void is null order by since`,
  )
  return rows.map(({ since, ended_at, state }) => ({
    since: (since.getTime() - TEST_TIME) / MINUTE,
    startedAt: (state.startedAt - TEST_TIME) / MINUTE,
    endedAt: ended_at && (ended_at.getTime() - TEST_TIME) / MINUTE,
    peak: state.measured.peak,
  }))
}
