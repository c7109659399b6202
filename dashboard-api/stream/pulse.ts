import type { Database } from '../../core/ports/database.ts'

/** Wake-ups of one NOTIFY channel for the open streams of this process. */
export interface Pulse {
  subscribe(onBeat: () => void): Disposable
  close(): Promise<void>
}

/** What is true for seconds only is told to browsers by a wake-up without a position: it is in no log. */
export async function createPulse(database: Database, channel: string): Promise<Pulse> {
  const subscribers = new Set<() => void>()
  const listener = await database.listen(channel, () => {
    for (const onBeat of [...subscribers]) onBeat()
  })
  return {
    subscribe(onBeat) {
      subscribers.add(onBeat)
      return { [Symbol.dispose]: () => void subscribers.delete(onBeat) }
    },
    close: () => listener[Symbol.asyncDispose]() as Promise<void>,
  }
}
