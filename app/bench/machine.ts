import { cpus, loadavg, release, totalmem } from 'node:os'

/** Above this load the figures say more of the neighbours than of the program. */
const QUIET_LOAD = 0.5

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  /** Load average of the last minute when the measurement began. */
  readonly loadAtStart: number
}

export function readMachine(): Machine {
  const list = cpus()
  return {
    cpu: list[0]?.model.trim() || 'unknown processor',
    cores: list.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `Linux ${release()}`,
    node: process.version,
    loadAtStart: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  }
}

/** What must be said beside figures of this machine. */
export function loadWarning({ loadAtStart, cores }: Machine): string | null {
  if (loadAtStart <= QUIET_LOAD) return null
  return `the load average was ${loadAtStart} at the start on ${cores} cores: others used the machine, these figures are not to be quoted`
}
