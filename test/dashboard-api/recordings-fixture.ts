import { findRecordingHolders } from '../../adapters/postgres/workers.ts'
import { createRecordings } from '../../adapters/recordings/remote.ts'
import type { DashboardDeps } from '../../dashboard-api/deps.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import type { RecordingWorker } from '../support/recording-worker.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'

/** The dashboard with the recordings of a worker on another machine, which the database knows as `w1`. */
export async function startWithRecordings(
  worker: RecordingWorker,
  more: Partial<DashboardDeps> = {},
): Promise<TestDashboard> {
  let city: TestDashboard | null = null
  city = await startDashboard({
    recordings: createRecordings({
      lookup: async (camera, from, to) => (city ? findRecordingHolders(city.database, camera, from, to) : []),
      ...{ local: null, log: silentLog, metrics: recordingMetrics() },
    }),
    ...more,
  })
  const { url, secret } = worker.endpoint
  await city.database.query(
    `insert into workers (name, version, endpoint_url, endpoint_secret, capacity, first_seen, started_at, last_seen)
     values ('w1', '1', $1, $2, 8, now(), now(), now() + interval '1 hour')`,
    [url, secret],
  )
  return city
}

/** That a worker watched the camera, as the control plane writes it. */
export async function watched(
  { database }: Pick<TestDashboard, 'database'>,
  span: { camera: string; from: number; to: number; worker?: string; state?: string },
): Promise<void> {
  await database.query(
    'insert into coverage (camera, worker, epoch, from_at, to_at, state) values ($1, $2, 1, $3, $4, $5)',
    [span.camera, span.worker ?? 'w1', new Date(span.from), new Date(span.to), span.state ?? 'online'],
  )
}
