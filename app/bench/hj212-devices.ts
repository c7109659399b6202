import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createFramer } from '../../ingest/sensors/hj212/framer.ts'
import { benchFrame, benchMn } from './hj212-mix.ts'
import { quantile } from './statistics.ts'

// The other side of `bench hj212`, in a process of its own: devices that hold a connection each and send a packet a
// second, spread over the second. Says "connected", holds still for SETTLE seconds, sends for SECONDS, then prints one
// JSON object: {sent, answers, p50, p95, seconds}; ms from sending to the answer.
//   node hj212-devices.ts PORT DEVICES SETTLE SECONDS

const [port = 0, devices = 0, settle = 0, seconds = 0] = process.argv.slice(2).map(Number)
const TICK_MS = 20
/** As many connections are opened at once: a listener's backlog is bounded. */
const AT_ONCE = 100

let answers = 0
const waits: number[] = []
const open = async (n: number) => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const framer = createFramer()
  let sentAt = 0
  socket.on('data', (chunk: Buffer) => {
    framer.feed(chunk)
    for (let next = framer.next(); next; next = framer.next()) {
      answers += 1
      waits.push(performance.now() - sentAt)
    }
  })
  await once(socket, 'connect')
  const mn = benchMn(n)
  return (packet: number) => {
    sentAt = performance.now()
    socket.write(benchFrame(packet, mn, true))
  }
}

const send: ((packet: number) => void)[] = []
for (let from = 0; from < devices; from += AT_ONCE) {
  const some = Array.from({ length: Math.min(AT_ONCE, devices - from) }, (_, n) => open(from + n))
  send.push(...(await Promise.all(some)))
}
process.stdout.write('connected\n')
await delay(settle * 1_000)

const start = performance.now()
let sent = 0
for (let elapsed = 0; elapsed < seconds * 1_000; elapsed = performance.now() - start) {
  // What should have been sent by now: a late tick is caught up with.
  const due = Math.floor((elapsed / 1_000) * devices)
  for (; sent < due; sent += 1) send[sent % devices]?.(sent)
  await delay(TICK_MS)
}
const took = (performance.now() - start) / 1_000
const patience = performance.now() + 30_000
while (answers < sent && performance.now() < patience) await delay(TICK_MS)
process.stdout.write(
  `${JSON.stringify({ sent, answers, p50: quantile(waits, 0.5), p95: quantile(waits, 0.95), seconds: took })}\n`,
)
await new Promise(() => {}) // holds its connections until it is stopped
