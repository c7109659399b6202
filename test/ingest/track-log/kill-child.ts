import { setImmediate as turn } from 'node:timers/promises'
import { systemClock } from '../../../adapters/clock.ts'
import { createTrackLogs } from '../../../ingest/track-log/track-logs.ts'
import { recordingMetrics, silentLog } from '../../support/log.ts'
import { HEAD, logged } from './logged.ts'

/** Writes a track log until it is killed; says how many pictures are certainly in its file. */
const [folder = ''] = process.argv.slice(2)
const logs = createTrackLogs({
  ...{ folder, limits: { hours: 24, bytes: 1 << 20 } },
  ...{ clock: systemClock, log: silentLog, metrics: recordingMetrics() },
})
const log = await logs.open('cam', HEAD)
for (let n = 0; ; n++) {
  log.append(logged(n))
  if (n % 500 === 0) {
    await log.flush()
    process.stdout.write(`written ${n + 1}.\n`)
  }
  if (n % 50 === 0) await turn()
}
