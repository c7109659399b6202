import { systemClock } from '../../adapters/clock.ts'
import { connectPostgres } from '../../adapters/postgres/database.ts'
import { createWebhookChannel } from '../../alerts/channels/webhook.ts'
import { runDelivery } from '../../alerts/delivery/run.ts'
import type { Channel } from '../../core/ports/channel.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'

// A delivery worker that dies at a chosen point of its first call, as by `kill -9`: nothing of it is cleaned up.
const [url, point] = process.argv.slice(2)
if (!url || !point) throw new Error('usage: delivery-child URL before-call|after-call')
const webhook = createWebhookChannel({ clock: systemClock })
const dying: Channel = {
  kind: 'webhook',
  async deliver(message, signal) {
    if (point === 'after-call') await webhook.deliver(message, signal)
    process.kill(process.pid, 'SIGKILL')
    return new Promise(() => {})
  },
}
await runDelivery({
  database: connectPostgres({ url, log: silentLog }),
  channels: [dying],
  clock: systemClock,
  log: silentLog,
  metrics: recordingMetrics(),
  callTimeoutMs: 1_000,
  concurrency: 1,
  signal: new AbortController().signal,
})
