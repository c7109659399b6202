import { get } from '../../api/http.ts'
import { toApiError } from '../../api/problem.ts'
import type { Session } from '../../api/types.ts'
import type { Work } from '../store/types.ts'
import { changeWork, dropWork, getWork, readPhotos, readWork } from '../store/work.ts'
import { type FieldApi, type Outcome, sendWork, waitAfter } from './send.ts'

export interface RunHooks {
  /** Before and after each one; null: between two. */
  onSending(work: Work | null): void
  onDone(work: Work, outcome: Outcome): void
}

const LOCK = 'sharp-eyes-field-queue'

/**
 * Sends what waits, oldest first, of the person whom the server knows as logged in. One run at a time in all tabs and
 * the service worker, where the browser has locks; without them two runs do no harm: the keys see to it. Stops at the
 * first that has to wait. `force`: also what is not due yet.
 */
export async function runQueue(
  api: FieldApi,
  hooks: RunHooks,
  force = false,
): Promise<'idle' | 'login' | 'later'> {
  const run = () => sendAll(api, hooks, force)
  const { locks } = navigator as { locks?: LockManager }
  if (!locks) return run()
  return locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? run() : 'later'))
}

async function sendAll(api: FieldApi, hooks: RunHooks, force: boolean): Promise<'idle' | 'login' | 'later'> {
  let person: string
  try {
    person = (await get<Session>('/session')).name
  } catch (thrown) {
    return toApiError(thrown).status === 401 ? 'login' : 'later'
  }
  const waiting = (await readWork(person)).filter(({ state }) => state === 'waiting')
  for (const { id } of waiting) {
    const work = await getWork(id) // it may have been deleted or changed meanwhile
    if (work?.state !== 'waiting' || (!force && work.nextAt > Date.now())) continue
    hooks.onSending(work)
    const outcome = await sendWork(work, await readPhotos(id), api)
    hooks.onSending(null)
    await settle(work, outcome)
    hooks.onDone(work, outcome)
    if (outcome.kind === 'login' || outcome.kind === 'later') return outcome.kind
  }
  return 'idle'
}

async function settle(work: Work, outcome: Outcome): Promise<void> {
  if (outcome.kind === 'done') return dropWork(work.id)
  const { kind, problem } = outcome
  if (kind === 'conflict' || kind === 'refused') {
    await changeWork(work.id, { state: kind, problem })
  } else {
    const tries = work.tries + 1
    const nextAt = kind === 'login' ? 0 : Date.now() + waitAfter(tries)
    await changeWork(work.id, { problem: kind === 'login' ? null : problem, tries, nextAt })
  }
}
