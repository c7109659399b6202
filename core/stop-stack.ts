import type { Clock } from './ports/clock.ts'
import type { Log } from './ports/telemetry.ts'

/**
 * Who creates, closes: what must be undone is pushed on the line after it was made. `stop` runs the steps in reverse,
 * names each, goes on past a failing or hanging one, and ends within its deadline. Stopping twice is one stop.
 */
export interface StopStack {
  push(name: string, stop: () => Promise<unknown> | unknown): void
  stop(): Promise<void>
}

export function createStopStack(options: { log: Log; clock: Clock; deadlineMs?: number }): StopStack {
  const { log, clock } = options
  const deadlineMs = options.deadlineMs ?? 20_000
  const steps: { name: string; stop: () => Promise<unknown> | unknown }[] = []
  let stopping: Promise<void> | null = null

  const runAll = async (): Promise<void> => {
    const end = clock.now() + deadlineMs
    for (let step = steps.pop(); step; step = steps.pop()) {
      const { name, stop } = step
      const left = Math.max(100, end - clock.now())
      const timer = new AbortController()
      const late = clock.sleep(left, timer.signal).then(
        () => 'late' as const,
        () => 'done' as const,
      )
      try {
        const outcome = await Promise.race([Promise.resolve(stop()).then(() => 'done' as const), late])
        if (outcome === 'late')
          log.error({ step: name, leftMs: left }, 'stopping took too long and is left behind')
        else log.debug({ step: name }, 'stopped')
      } catch (error) {
        log.error(
          { step: name, error: error instanceof Error ? error.message : String(error) },
          'stopping failed',
        )
      } finally {
        timer.abort()
      }
    }
  }
  return {
    push: (name, stop) => void steps.push({ name, stop }),
    stop: () => {
      stopping ??= runAll()
      return stopping
    },
  }
}
