import { createMediaTools } from '../../adapters/media-tools.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import { recordingMetrics, silentLog } from './log.ts'

/** The real tools, counting what they started and what still runs. */
export function testMediaTools(): MediaTools & {
  readonly running: () => number
  readonly started: () => number
} {
  const tools = createMediaTools({ log: silentLog, metrics: recordingMetrics() })
  let running = 0
  let started = 0
  return {
    running: () => running,
    started: () => started,
    spawn(tool, args, options) {
      const process = tools.spawn(tool, args, options)
      running++
      started++
      process.exited.then(
        () => running--,
        () => running--,
      )
      return process
    },
  }
}
