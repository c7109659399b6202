import { FLAG } from './protocol.ts'

/** Longest wait for a run at the end of the process. A run takes some ten milliseconds, on a busy machine a second. */
const LONGEST_WAIT_MS = 5_000

const guarded = new Set<Int32Array>()

/** At `process.exit()` and after an uncaught error no event loop turns any more: this waits on shared memory instead. */
function waitForRuns(): void {
  for (const flag of guarded) Atomics.store(flag, FLAG.closing, 1)
  for (const flag of guarded) Atomics.wait(flag, FLAG.running, 1, LONGEST_WAIT_MS)
}

/** Keeps the exiting process from tearing down a running session, which aborts it (exit 134). Returns the undo. */
export function guardExit(flags: SharedArrayBuffer): () => void {
  const flag = new Int32Array(flags)
  if (guarded.size === 0) process.on('exit', waitForRuns)
  guarded.add(flag)
  return () => {
    guarded.delete(flag)
    if (guarded.size === 0) process.off('exit', waitForRuns)
  }
}
