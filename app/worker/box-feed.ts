import type { LiveBoxes } from '../../core/live-boxes.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'

type Listener = (found: LiveBoxes) => void

/** What analysis finds in one camera's pictures, handed on to live viewers that asked. Nothing is kept. */
export interface BoxFeed {
  /** Nobody listens: nothing has to be put together. */
  readonly wanted: boolean
  listen(listener: Listener): Disposable
  tell(found: LiveBoxes): void
}

export function createBoxFeed(deps: {
  readonly camera: string
  readonly log: Log
  readonly metrics: Metrics
}): BoxFeed {
  const { camera, log, metrics } = deps
  const listeners = new Set<{ readonly hear: Listener }>()
  return {
    get wanted() {
      return listeners.size > 0
    },
    listen(hear) {
      const seat = { hear }
      listeners.add(seat)
      return { [Symbol.dispose]: () => void listeners.delete(seat) }
    },
    tell(found) {
      for (const seat of [...listeners]) {
        try {
          seat.hear(found)
        } catch (error) {
          // A viewer's fault is its own: the analysis and the other viewers go on.
          listeners.delete(seat)
          metrics.count('live_viewers_failed_total')
          log.error({ camera, error: String(error) }, 'a live viewer failed and gets no more boxes')
        }
      }
    },
  }
}
