import { writeSync } from 'node:fs'
import { systemClock } from '../../adapters/clock.ts'
import { connectPostgres } from '../../adapters/postgres/database.ts'
import { createDirectTransport } from '../../adapters/transport/direct.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import type { EventTransport } from '../../core/ports/messages.ts'
import { drainOnce, runDrain } from '../../ingest/spool/drain.ts'
import { createOpenEvents } from '../../ingest/spool/open-events.ts'
import { openSpool } from '../../ingest/spool/spool.ts'
import { hazardEvent } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'

// A worker and its inbox in one process, for tests that kill it. Says on standard output what it promised:
// a line with the event's id after each `publish` that resolved.

export type Plan =
  /** Publishes one event and dies right after the commit of the spool. */
  | { readonly kind: 'die_after_spool' }
  /** Sends what is spooled and dies at the given point of the hand-over. */
  | { readonly kind: 'die_in_inbox' }
  | { readonly kind: 'die_after_inbox' }
  /** Publishes and drains until somebody kills it. */
  | { readonly kind: 'flow' }
  /** Ends every event that the killed ones left open, under the same epoch. */
  | { readonly kind: 'end_all' }
  /** Sends what is spooled, and leaves in peace. */
  | { readonly kind: 'recover' }

const [folder = '', url = '', planText = ''] = process.argv.slice(2)
const plan = JSON.parse(planText) as Plan
const log = silentLog
const metrics = recordingMetrics()
const clock = systemClock
const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('still alive after SIGKILL')
}

const database = connectPostgres({ url, log, max: 2 })
const spool = await openSpool({ folder, log, metrics, clock, limits: { ballastBytes: 4_096 } })
const events = await createOpenEvents({ spool, worker: 'w', clock, log, metrics })
const inbox = createInbox({
  database,
  clock,
  log,
  metrics,
  onTransition: async () => {
    if (plan.kind === 'die_in_inbox') die()
  },
})
const direct = createDirectTransport({ 'hazard.events.v1': inbox })
const transport: EventTransport = {
  async send(messages) {
    await direct.send(messages)
    if (plan.kind === 'die_after_inbox') die()
  },
}
const drain = { spool, transport, clock, log, metrics }

async function publish(camera: string): Promise<void> {
  const event = hazardEvent({ source: { kind: 'camera', id: camera } })
  await events.publish({ kind: 'start', event }, 1)
  writeSync(1, `${event.id}\n`)
  await events.publish({ kind: 'update', event: { ...event, lastSeenAt: event.startedAt + 1_000 } }, 1)
}

async function empty(): Promise<void> {
  while ((await drainOnce(drain)) > 0);
  await spool[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
}

async function flow(): Promise<never> {
  for (let n = 0; ; n += 1) await Promise.all([publish(`cam-${n}-a`), publish(`cam-${n}-b`)])
}

switch (plan.kind) {
  case 'die_after_spool':
    await publish('cam-1')
    die()
    break
  case 'die_in_inbox':
  case 'die_after_inbox':
    await drainOnce(drain)
    break
  case 'flow':
    await Promise.all([runDrain({ ...drain, signal: new AbortController().signal }), flow()])
    break
  case 'end_all':
    for (const { data } of await spool.openEvents()) {
      const over = { ...data.event, endedAt: data.event.lastSeenAt, endReason: 'restart' }
      await events.publish({ kind: 'end', event: over }, data.epoch)
    }
    await empty()
    break
  case 'recover':
    await empty()
}
