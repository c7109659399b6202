import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { AppendResult, SpoolAnswer, SpoolRequest, ThreadStart } from './protocol.ts'
import { openStore } from './store.ts'

// The spool's own thread: `fsync` blocks it and nobody else. While one commit runs, further appends wait at the port,
// and the next commit takes them all: the group grows by itself with the load.

interface Numbered {
  readonly id: number
  readonly request: SpoolRequest
}
type Append = Numbered & { readonly request: Extract<SpoolRequest, { kind: 'append' }> }

const MAX_GROUP = 500
const port = parentPort
if (!port) throw new Error('thread.ts is started by spool.ts as a worker thread')
const { folder, limits } = workerData as ThreadStart
const store = openStore(folder, limits)

const isAppend = (item: Numbered): item is Append => item.request.kind === 'append'
const answer = (message: SpoolAnswer): void => port.postMessage(message)

port.on('message', (first: Numbered) => {
  const waiting: Numbered[] = [first]
  while (waiting.length < MAX_GROUP) {
    const next = receiveMessageOnPort(port) as { message: Numbered } | undefined
    if (!next) break
    waiting.push(next.message)
  }
  // In order: what was asked first is done first; neighbouring appends share a commit.
  for (let at = 0; at < waiting.length; ) {
    const group: Append[] = []
    for (let item = waiting[at]; item && isAppend(item); item = waiting[at + group.length]) group.push(item)
    if (group.length > 0) appendGroup(group)
    else if (waiting[at]) single(waiting[at] as Numbered)
    at += Math.max(1, group.length)
  }
})

function appendGroup(group: readonly Append[]): void {
  try {
    const results = store.append(group.map((item) => item.request.record))
    const facts = store.facts()
    group.forEach((item, index) => {
      answer({ id: item.id, ok: true, value: results[index] satisfies AppendResult | undefined, facts })
    })
  } catch (error) {
    for (const item of group) failed(item.id, error)
  }
}

function single({ id, request }: Numbered): void {
  try {
    const value = perform(request)
    if (request.kind === 'close')
      port?.postMessage({ id, ok: true, value, facts: NOTHING } satisfies SpoolAnswer)
    else answer({ id, ok: true, value, facts: store.facts() })
    if (request.kind === 'close') port?.close()
  } catch (error) {
    failed(id, error)
  }
}

const NOTHING = { records: 0, bytes: 0, oldestAt: null, state: 'ok' } as const

function perform(request: SpoolRequest): unknown {
  switch (request.kind) {
    case 'append':
      return store.append([request.record])[0]
    case 'take':
      return store.take(request.limit)
    case 'remove':
      return store.remove(request.ids)
    case 'open_events':
      return store.openEvents()
    case 'pending_events':
      return store.pendingEvents()
    case 'forget':
      return store.forget(request.eventIds)
    case 'close':
      return store.close()
  }
}

function failed(id: number, error: unknown): void {
  answer({ id, ok: false, error: error instanceof Error ? error.message : String(error) })
}
