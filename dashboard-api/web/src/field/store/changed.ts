/** Word to every tab, and from the service worker, that something of the phone's database has changed. */
const NAME = 'sharp-eyes-field'
const listeners = new Set<() => void>()
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(NAME)
channel?.addEventListener('message', () => {
  for (const listener of listeners) listener()
})

export function tellChanged(): void {
  for (const listener of listeners) listener()
  channel?.postMessage('changed')
}

export function onChanged(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
