import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createTrackLogs } from '../../../ingest/track-log/track-logs.ts'
import { runScript } from '../../support/child.ts'
import { recordingMetrics, silentLog } from '../../support/log.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { gather, HEAD, logged, picturesOf, T0 } from './logged.ts'

test('kill -9 while the log is written: what was flushed is there, in order, and the next run goes on', async () => {
  await using folder = await tempFolder()
  const child = runScript(join(import.meta.dirname, 'kill-child.ts'), [folder.path])
  await child.said('written 10001.')
  child.kill()
  await child.exited
  const metrics = recordingMetrics()
  const clock = manualClock(T0 + 86_400_000)
  const logs = createTrackLogs({
    ...{ folder: folder.path, limits: { hours: 1_000, bytes: 1 << 20 } },
    ...{ clock, log: silentLog, metrics },
  })
  const log = await logs.open('cam', { ...HEAD, run: T0 + 1 })
  log.append(logged(5_000_000))
  await log.flush()
  const pictures = picturesOf(await gather(logs.read('cam', 0, Number.MAX_SAFE_INTEGER)))
  const numbers = pictures.map(({ mediaMs }) => mediaMs / 500)
  expect(numbers.at(-1)).toBe(5_000_000)
  expect(numbers).toContain(10_000)
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  await log.stop()
})
