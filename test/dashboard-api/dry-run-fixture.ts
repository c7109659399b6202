import { systemClock } from '../../adapters/clock.ts'
import { createDryRunner } from '../../app/worker/dry-run.ts'
import type { DryRuns } from '../../core/dry-run.ts'
import type { RecordingSource } from '../../core/ports/recordings.ts'
import { createTrackLogs } from '../../ingest/track-log/track-logs.ts'
import { HEAD, logged, T0 } from '../ingest/track-log/logged.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'

export const CAMERA = 'gate'
export const LANE = [[0, 0], [1, 0], [1, 1], [0, 1]] // biome-ignore format: one shape

/** A car stands for a minute of every four, in two pictures a second, for so many minutes from `begin` on. */
export async function writeTrackLog(folder: string, begin: number, minutes: number): Promise<DryRuns> {
  const limits = { hours: 24, bytes: 1 << 24 }
  const logs = createTrackLogs({
    ...{ folder, limits, clock: manualClock(begin), log: silentLog, metrics: recordingMetrics() },
  })
  const log = await logs.open(CAMERA, HEAD)
  for (let n = 0; n < minutes * 120; n++) {
    const stands = Math.floor(n / 120) % 4 === 1
    const picture = logged(n, stands ? {} : { detections: [] })
    log.append({ ...picture, capturedAt: picture.capturedAt - T0 + begin })
    if (n % 500 === 0) await log.flush()
  }
  await log.stop()
  return createDryRunner({ trackLogs: logs, recordings: null, clock: systemClock })
}

/** What is recorded, by the moment that is asked for; null: nothing is. */
export type Picture = (at: number) => { readonly jpeg: Uint8Array; readonly capturedAt: number } | null

/** A city with a camera whose lane is watched, judged again by `dryRuns`. */
export async function startDryRunCity(
  dryRuns: DryRuns,
  picture: Picture,
  more: Parameters<typeof startDashboard>[0] = {},
): Promise<TestDashboard> {
  const recordings = {
    picture: async (_: unknown, at: number) => picture(at),
  } as unknown as RecordingSource & { pin(): Promise<void> }
  const city = await startDashboard({ dryRuns, recordings, ...more })
  const saved = await (await city.as('admin')).post(`/api/config/camera/${CAMERA}`, {
    version: null,
    body: {
      ...{ id: CAMERA, name: { zh: '东门', en: 'East gate' }, purpose: 'public_safety' },
      ...{ url: 'rtsp://10.0.0.3/1', zones: { lane: LANE } },
      rules: [
        { id: 'lane', type: 'lane_blocked', zone: 'lane', for: '20s' },
        { id: 'plume', type: 'plume', zone: 'lane', darkness: 2 },
      ],
    },
    reason: '新装',
  })
  if (saved.status !== 200) throw new Error(`the camera was not saved: ${await saved.text()}`)
  return city
}
