import { readdirSync, readFileSync } from 'node:fs'

/** A process and its moment of birth: pids are used again. */
export interface ProcessId {
  readonly pid: number
  readonly born: string
  readonly command: string
}

interface Stat extends ProcessId {
  readonly parent: number
  readonly state: string
}

/** A process with everything it started, itself first (Linux: from /proc). */
export function processTree(root: number): readonly ProcessId[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => read(Number(name)) ?? [])
  const tree: Stat[] = all.filter(({ pid }) => pid === root)
  for (const parent of tree) tree.push(...all.filter((each) => each.parent === parent.pid))
  return tree
}

/** Those of `processes` that still run; a zombie has ended. */
export const stillRunning = (processes: readonly ProcessId[]): readonly ProcessId[] =>
  processes.filter(({ pid, born }) => {
    const now = read(pid)
    return now !== null && now.born === born && now.state !== 'Z'
  })

function read(pid: number): Stat | null {
  try {
    // "pid (name) state ppid …": the name may hold spaces and brackets, so the fields are counted from its end.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 120)
    return { pid, state: fields[0] ?? '', parent: Number(fields[1]), born: fields[19] ?? '', command }
  } catch {
    return null // it ended while we looked
  }
}
