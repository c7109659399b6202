import { createFieldApi } from '../queue/api.ts'
import { runQueue } from '../queue/run.ts'

/**
 * The service worker of /field and of nothing else: keeps the page and its files, and sends what waits when the browser
 * wakes it. Calls of the API go through untouched: nothing of them is ever kept here.
 */

// Of the service worker's own scope, which the types of a page do not have.
interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching extends Event {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}
interface Worker {
  skipWaiting(): Promise<void>
  readonly clients: { claim(): Promise<void> }
  addEventListener(type: 'install' | 'activate', listener: (event: Waiting) => void): void
  addEventListener(type: 'fetch', listener: (event: Fetching) => void): void
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void
  addEventListener(type: 'sync', listener: (event: Waiting & { readonly tag: string }) => void): void
}
declare const __SHELL__: { readonly version: string; readonly files: readonly string[] }

const worker = self as unknown as Worker
const PAGE = '/field'
const CACHE = `field-${__SHELL__.version}`
const files = new Set(__SHELL__.files)

worker.addEventListener('install', (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE)
    await cache.addAll([PAGE, ...files].map((path) => new Request(path, { cache: 'no-cache' })))
  }
  event.waitUntil(keep())
})

worker.addEventListener('activate', (event) => {
  const tidy = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith('field-') && name !== CACHE)
    await Promise.all(old.map((name) => caches.delete(name)))
    await worker.clients.claim()
  }
  event.waitUntil(tidy())
})

worker.addEventListener('message', (event) => {
  if (event.data === 'take-over') void worker.skipWaiting()
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin || pathname.startsWith('/api/')) return
  const page = request.mode === 'navigate' && (pathname === PAGE || pathname.startsWith(`${PAGE}/`))
  if (page || files.has(pathname)) event.respondWith(kept(page ? PAGE : pathname, request))
})

async function kept(path: string, request: Request): Promise<Response> {
  return (await (await caches.open(CACHE)).match(path)) ?? fetch(request)
}

worker.addEventListener('sync', (event) => {
  if (event.tag === 'field-queue') event.waitUntil(sendAll())
})

async function sendAll(): Promise<void> {
  const quiet = { onSending: () => undefined, onDone: () => undefined }
  const end = await runQueue(createFieldApi(null), quiet, true)
  // A rejected sync is tried again by the browser.
  if (end === 'later') throw new Error('the queue could not be sent yet')
}
