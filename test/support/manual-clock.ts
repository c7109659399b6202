import type { Clock } from '../../core/ports/clock.ts'

/** A clock that stands until the test moves it. Sleepers wake when their time has come. */
export function manualClock(start: number): Clock & { advance(ms: number): void } {
  let now = start
  const sleepers = new Set<{ at: number; wake: () => void }>()
  return {
    now: () => now,
    sleep(ms, signal) {
      return new Promise((done, fail) => {
        if (signal?.aborted) return fail(signal.reason as Error)
        const sleeper = { at: now + ms, wake: done }
        sleepers.add(sleeper)
        signal?.addEventListener(
          'abort',
          () => {
            sleepers.delete(sleeper)
            fail(signal.reason as Error)
          },
          { once: true },
        )
      })
    },
    advance(ms) {
      now += ms
      for (const sleeper of sleepers) {
        if (sleeper.at > now) continue
        sleepers.delete(sleeper)
        sleeper.wake()
      }
    },
  }
}
