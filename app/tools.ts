import { systemClock } from '../adapters/clock.ts'
import { createLog } from '../adapters/log.ts'
import { createMediaTools } from '../adapters/media-tools.ts'
import { createMetrics, type MetricsRegistry } from '../adapters/metrics.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { MediaTools } from '../core/ports/media.ts'
import type { Log } from '../core/ports/telemetry.ts'
import { createStopStack, type StopStack } from '../core/stop-stack.ts'
import { readSettings, type Settings } from './settings.ts'

/** What every command needs; made once, at its start. */
export interface Tools {
  readonly log: Log
  readonly clock: Clock
  readonly metrics: MetricsRegistry
  readonly stack: StopStack
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal
  /** Looked for at the first call: a command that needs no ffmpeg works without it. */
  readonly mediaTools: () => MediaTools
  /** Where the parts of the deployment are; read at the first call. */
  readonly settings: () => Promise<Settings>
}

const SAME_SIGNAL_MS = 1_000
/** What is made has 20 s to stop; a start that hangs (a database that takes the call and never answers) has nothing yet. */
const END_MS = 25_000

/**
 * Runs a command's work with its tools and undoes what it made, however it ends. The first signal drains, the second
 * ends at once; both say so.
 */
export async function withTools<T>(
  name: string,
  work: (tools: Tools) => Promise<T>,
  level?: string,
): Promise<T> {
  const log = createLog(name, level ?? process.env.SHARP_EYES_LOG ?? 'warn')
  const stopping = new AbortController()
  let firstAt = 0
  const onSignal = (signal: NodeJS.Signals) => {
    // Ctrl+C reaches the whole group, and npm and our starter hand it on too: one key press comes up to three times.
    if (stopping.signal.aborted && systemClock.now() - firstAt < SAME_SIGNAL_MS) return
    if (stopping.signal.aborted) {
      log.warn({ signal }, 'second signal: ending at once')
      process.exit(130)
    }
    firstAt = systemClock.now()
    log.info({ signal }, 'stopping; a second signal ends at once')
    stopping.abort()
    const end = () => {
      log.error({ afterMs: END_MS }, 'it does not end by itself: ending at once')
      process.exit(1)
    }
    setTimeout(end, END_MS).unref()
  }
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, onSignal)
  const metrics = createMetrics()
  const stack = createStopStack({ log, clock: systemClock })
  let media: MediaTools | null = null
  const mediaTools = () => {
    media ??= createMediaTools({ log, metrics })
    return media
  }
  let read: Promise<Settings> | null = null
  const settings = () => {
    read ??= readSettings(process.env)
    return read
  }
  try {
    const { signal } = stopping
    return await work({ log, clock: systemClock, metrics, stack, signal, mediaTools, settings })
  } finally {
    await stack.stop()
    for (const signal of signals) process.off(signal, onSignal)
  }
}
