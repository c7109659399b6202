import type { CaseItem, Session } from '../../api/types.ts'
import { fieldDatabase } from './database.ts'
import type { KeptTasks } from './types.ts'

/** What is kept for reading without a network, of the person who is logged in and nobody else. */

export async function keptSession(): Promise<Session | null> {
  return (await (await fieldDatabase()).get('people', 'last'))?.session ?? null
}

/** Keeps who is logged in; what was kept to read for another person goes. */
export async function keepSession(session: Session): Promise<void> {
  const tx = (await fieldDatabase()).transaction(['people', 'tasks'], 'readwrite')
  await tx.objectStore('people').put({ key: 'last', session })
  for (const person of await tx.objectStore('tasks').getAllKeys()) {
    if (person !== session.name) await tx.objectStore('tasks').delete(person)
  }
  await tx.done
}

export async function keptTasks(person: string): Promise<KeptTasks | null> {
  return (await (await fieldDatabase()).get('tasks', person)) ?? null
}

export async function keepTasks(person: string, items: readonly CaseItem[], at: string): Promise<void> {
  await (await fieldDatabase()).put('tasks', { person, items, at })
}

/** At log-out. What waits to be sent stays: it is the only copy there is. */
export async function forgetKept(): Promise<void> {
  const tx = (await fieldDatabase()).transaction(['people', 'tasks'], 'readwrite')
  await tx.objectStore('people').clear()
  await tx.objectStore('tasks').clear()
  await tx.done
}
