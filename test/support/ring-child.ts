import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '../../adapters/clock.ts'
import { createRing } from '../../ingest/ring/ring.ts'
import { fragmentsOf, handHub } from './fragments.ts'
import { recordingMetrics, silentLog } from './log.ts'

/** A process of its own that records a film over and over until it is killed. Says how many fragments it handed in. */
const [film = '', folder = ''] = process.argv.slice(2)
const startedAt = Date.now()
const stream = await fragmentsOf(film, { startedAt })
const hub = handHub()
createRing({
  ...{
    camera: 'cam-1',
    hub,
    folder,
    hours: 2,
    clock: systemClock,
    log: silentLog,
    metrics: recordingMetrics(),
  },
  tuning: { fileMs: 2_000, flushMs: 20 },
})
hub.init(stream.init)
const filmMs = stream.fragments.length * 40
for (let round = 0; ; round++) {
  for (const fragment of stream.fragments) {
    const shift = round * filmMs
    hub.fragment({
      ...fragment,
      index: fragment.index + round * stream.fragments.length,
      capturedAt: fragment.capturedAt + shift,
      discontinuity: round > 0 && fragment.index === 0,
    })
    await delay(2)
  }
  process.stdout.write(`${(round + 1) * stream.fragments.length}\n`)
}
