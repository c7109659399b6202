import { useCallback, useEffect } from 'react'
import { createFieldApi } from './queue/api.ts'
import { sendPieces } from './queue/pieces.ts'
import { progress, sending } from './queue/progress.ts'
import { runQueue } from './queue/run.ts'
import { askForSync } from './worker/register.ts'

const LOOK_MS = 5_000
const api = createFieldApi(sendPieces)
let running: Promise<void> | null = null

async function runOnce(force: boolean): Promise<void> {
  const end = await runQueue(
    api,
    {
      onSending: (work) => {
        sending.set({ ...sending.get(), work: work?.id ?? null })
        progress.set(null)
      },
      onDone: (_work, outcome) => {
        if (outcome.kind === 'done') {
          sending.set({ ...sending.get(), leftOut: outcome.leftOut, sentAt: Date.now() })
        }
      },
    },
    force,
  )
  sending.set({ ...sending.get(), work: null, login: end === 'login' })
}

/** Sends now. One run at a time; a call during a run is that run's. */
export function sendNow(force = false): Promise<void> {
  running ??= runOnce(force).finally(() => {
    running = null
  })
  return running
}

/** Sends when there is something: at once, when the network is back, when the page is looked at again, and when it is due. */
export function useQueue(waiting: number): () => void {
  useEffect(() => {
    if (waiting === 0) return
    const look = () => {
      if (document.visibilityState === 'visible') void sendNow()
    }
    const back = () => void sendNow(true)
    look()
    void askForSync()
    addEventListener('online', back)
    document.addEventListener('visibilitychange', look)
    const timer = setInterval(look, LOOK_MS)
    return () => {
      removeEventListener('online', back)
      document.removeEventListener('visibilitychange', look)
      clearInterval(timer)
    }
  }, [waiting])
  return useCallback(() => void sendNow(true), [])
}
