import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { SpoolAnswer, SpoolRequest, ThreadStart } from './protocol.ts'
import { createQueues, type Numbered, type Work } from './queues.ts'
import { openStore } from './store.ts'

// The spool's own thread: `fsync` blocks it and nobody else. While one commit runs, further requests wait, and the next
// commit takes all neighbouring appends: the group grows by itself with the load.

const port = parentPort
if (!port) throw new Error('thread.ts is started by spool.ts as a worker thread')
const { folder, limits } = workerData as ThreadStart
const store = openStore(folder, limits)
const queues = createQueues()

port.on('message', (first: Numbered) => {
  queues.add(first)
  collect()
  for (let work = queues.next(); work; work = queues.next()) {
    perform(work)
    collect()
  }
})

function collect(): void {
  for (let next = receive(); next; next = receive()) queues.add(next)
}

const receive = () => (receiveMessageOnPort(port) as { message: Numbered } | undefined)?.message

function perform(work: Work): void {
  if (work.kind === 'one') answerOne(work.item)
  else if (work.kind === 'append')
    answerAll(work.group, () => store.append(work.group.map((item) => item.request.record)))
  else answerAll(work.group, () => store.appendReadings(work.group.map((item) => item.request.records)))
}

function answerAll(group: readonly Numbered[], append: () => readonly unknown[]): void {
  try {
    const results = append()
    const facts = store.facts()
    group.forEach((item, index) => {
      answer({ id: item.id, ok: true, value: results[index], facts })
    })
  } catch (error) {
    for (const item of group) failed(item.id, error)
  }
}

function answerOne({ id, request }: Numbered): void {
  try {
    const value = resultOf(request)
    answer({ id, ok: true, value, facts: request.kind === 'close' ? NOTHING : store.facts() })
    if (request.kind === 'close') port?.close()
  } catch (error) {
    failed(id, error)
  }
}

const NONE = { records: 0, bytes: 0, oldestAt: null, state: 'ok' } as const
const NOTHING = { ...NONE, readings: NONE }

function resultOf(request: SpoolRequest): unknown {
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
    case 'append_readings':
      return store.appendReadings([request.records])[0]
    case 'take_readings':
      return store.takeReadings(request.limit, request.bytes)
    case 'remove_readings':
      return store.removeReadings(request.ids)
    case 'close':
      return store.close()
  }
}

function answer(message: SpoolAnswer): void {
  port?.postMessage(message)
}

function failed(id: number, error: unknown): void {
  answer({ id, ok: false, error: error instanceof Error ? error.message : String(error) })
}
