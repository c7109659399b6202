import { setTimeout as sleep } from 'node:timers/promises'

/** Asks twice a second until it is so. Throws, naming what it waited for, after `withinMs`. */
export async function until(fact: string, isSo: () => Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not so within ${withinMs} ms: ${fact}`)
    await sleep(500)
  }
}
