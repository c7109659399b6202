import { useSyncExternalStore } from 'react'
import { serverClock } from './server-clock.ts'

/** One timer for the whole page, however many ages it shows. */
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | null = null
let second = Math.floor(serverClock.now() / 1_000)

function subscribe(onTick: () => void): () => void {
  listeners.add(onTick)
  timer ??= setInterval(() => {
    second = Math.floor(serverClock.now() / 1_000)
    for (const listener of listeners) listener()
  }, 500)
  return () => {
    listeners.delete(onTick)
    if (listeners.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
}

/** Server time in epoch ms, full seconds; renders again each second. */
export const useNow = (): number => useEachSecond((now) => now)

/** What `of` makes of the server time (epoch ms, full seconds): a text or a number; renders again when it has changed. */
export const useEachSecond = <T extends string | number>(of: (now: number) => T): T =>
  useSyncExternalStore(subscribe, () => of(second * 1_000))
