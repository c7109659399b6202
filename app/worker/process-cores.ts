import { readFileSync } from 'node:fs'
import type { Clock } from '../../core/ports/clock.ts'

/** Of the kernel's user-visible clock, on every Linux that Node runs on. */
const TICKS_PER_S = 100

/** How many cores a child has used since it was asked last (at least half a second ago); null: nobody can tell. */
export function coresOf(pid: () => number | undefined, clock: Clock): () => number | null {
  let before: { readonly pid: number; readonly ticks: number; readonly at: number } | null = null
  let known: number | null = null
  return () => {
    const now = pid()
    const ticks = now === undefined ? null : ticksOf(now)
    if (now === undefined || ticks === null) return null
    const at = clock.now()
    if (before?.pid !== now) before = { pid: now, ticks, at }
    if (at - before.at < 500) return known
    known = (ticks - before.ticks) / TICKS_PER_S / ((at - before.at) / 1_000)
    before = { pid: now, ticks, at }
    return known
  }
}

/** User and system time: fields 14 and 15 of /proc/PID/stat, counted after the name in brackets. */
function ticksOf(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return Number(fields[11]) + Number(fields[12])
  } catch {
    return null // it has ended, or there is no /proc
  }
}
