import { useEffect, useState } from 'react'

const SCRIPT = '/field-sw.js'
const SCOPE = '/field'
export const SYNC_TAG = 'field-queue'

/** Browsers have service workers only on https and on the machine itself. */
export const hasServiceWorker = (): boolean => 'serviceWorker' in navigator && isSecureContext

/** Registers the worker that keeps the page for use without a network. `update`: another release waits; null: none does. */
export function useServiceWorker(): { readonly update: (() => void) | null } {
  const [waiting, setWaiting] = useState<ServiceWorker | null>(null)
  useEffect(() => {
    if (!hasServiceWorker() || !import.meta.env.PROD) return
    let reloading = false
    const controlled = navigator.serviceWorker.controller !== null
    const onController = () => {
      if (reloading || !controlled) return
      reloading = true
      location.reload()
    }
    navigator.serviceWorker.addEventListener('controllerchange', onController)
    navigator.serviceWorker.register(SCRIPT, { scope: SCOPE, updateViaCache: 'none' }).then(
      (registration) => {
        const look = () => {
          // The first one ever is nobody's update.
          if (registration.waiting && registration.active) setWaiting(registration.waiting)
        }
        look()
        registration.addEventListener('updatefound', () => {
          registration.installing?.addEventListener('statechange', look)
        })
      },
      (error: unknown) => console.warn('The page is not kept for use without a network.', error),
    )
    return () => navigator.serviceWorker.removeEventListener('controllerchange', onController)
  }, [])
  return { update: waiting ? () => waiting.postMessage('take-over') : null }
}

interface SyncRegistration extends ServiceWorkerRegistration {
  readonly sync?: { register(tag: string): Promise<void> }
}

/** Asks the browser to wake the worker when the network is back, also with the page closed. Without it the page sends. */
export async function askForSync(): Promise<void> {
  if (!hasServiceWorker()) return
  const registration: SyncRegistration | undefined = await navigator.serviceWorker.getRegistration(SCOPE)
  await registration?.sync?.register(SYNC_TAG).catch(() => undefined) // not allowed in this browser
}
