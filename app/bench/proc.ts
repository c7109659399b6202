import { readdir, readFile } from 'node:fs/promises'

/** Linux reports process times in USER_HZ, which is 100 on every architecture that Node runs on (proc(5)). */
const TICKS_A_SECOND = 100

/** One process as `/proc/PID/stat` tells it. */
export interface ProcessSample {
  readonly pid: number
  readonly parent: number
  /** File name of the program, at most 15 characters; Node calls its own main thread by its own name. */
  readonly name: string
  /** User and system time of all its threads, ended ones too, seconds. */
  readonly ownSeconds: number
  /** The same of its children that have ended and were waited for, and of theirs. */
  readonly endedChildrenSeconds: number
}

/** Parses one line of `/proc/PID/stat`. The name stands in parentheses and may hold spaces and parentheses itself. */
export function parseStat(text: string): ProcessSample {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  const rest = text.slice(close + 2).split(' ')
  // Fields 14 to 17 of proc(5), counted from 1; `rest` begins with field 3.
  const ticks = (field: number) => Number(rest[field - 3])
  const sample = {
    pid: Number(text.slice(0, open)),
    parent: Number(rest[1]),
    name: text.slice(open + 1, close),
    ownSeconds: (ticks(14) + ticks(15)) / TICKS_A_SECOND,
    endedChildrenSeconds: (ticks(16) + ticks(17)) / TICKS_A_SECOND,
  }
  if (open < 1 || close < open || Object.values(sample).some((value) => Number.isNaN(value)))
    throw new TypeError(`not a line of /proc/PID/stat: ${text.slice(0, 80)}`)
  return sample
}

/** The process and everything below it, that lives now. Empty when it is gone. */
export async function processTree(root: number): Promise<readonly ProcessSample[]> {
  const all = new Map<number, ProcessSample>()
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    // It may end between the two calls.
    const text = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => null)
    if (text === null) continue
    const sample = parseStat(text)
    all.set(sample.pid, sample)
  }
  const isBelow = (sample: ProcessSample | undefined): boolean =>
    sample !== undefined && (sample.pid === root || isBelow(all.get(sample.parent)))
  return [...all.values()].filter(isBelow)
}

/**
 * Processor time of a tree since its beginning, seconds. It never falls: the time of a process that ends goes to the
 * parent that waits for it.
 */
export const treeSeconds = (tree: readonly ProcessSample[]): number =>
  tree.reduce((sum, sample) => sum + sample.ownSeconds + sample.endedChildrenSeconds, 0)

/** Proportional set size of these processes, bytes: pages that several share are counted once, in shares. */
export async function pssBytes(pids: readonly number[]): Promise<number> {
  let sum = 0
  for (const pid of pids) {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ESRCH') return '' // it has ended
      throw error
    })
    sum += parsePss(text)
  }
  return sum
}

/** `Pss:` of a `smaps_rollup`, bytes; 0 where there is none (a process without memory of its own). */
export const parsePss = (text: string): number => Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1_024
