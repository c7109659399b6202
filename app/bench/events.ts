import { sequenceOnce } from '../../alerts/changes/sequencer.ts'
import { drainOnce } from '../../ingest/spool/drain.ts'
import type { Tools } from '../tools.ts'
import { benchEvent, benchMessage } from './event.ts'
import { openEventPath } from './event-path.ts'
import { type BenchReport, figure } from './report.ts'
import { quantile } from './statistics.ts'

const CAMERAS = 200
/** Appends that wait at once: as many cameras change at the same time. */
const AT_ONCE = 64
const SINGLES = 100

/**
 * How fast events go from the call of `append` to a position in the change log, on a durable database (fsync on) and the
 * disk of the temporary folder. Three messages an event: start, update, end.
 */
export async function benchEvents(
  { events, runs }: { readonly events: number; readonly runs: number },
  tools: Tools,
): Promise<BenchReport> {
  const { clock, log, metrics, signal } = tools
  const { database, spool, transport } = await openEventPath(tools)
  const drain = { spool, transport, clock, log, metrics }
  const stages = { append: [] as number[], drain: [] as number[], positions: [] as number[] }
  const timed = async (stage: keyof typeof stages, messages: number, work: () => Promise<void>) => {
    signal.throwIfAborted()
    const start = performance.now()
    await work()
    stages[stage].push((messages / (performance.now() - start)) * 1_000)
  }
  for (let run = 0; run < runs; run += 1) {
    const messages = threeEach(events, clock.now())
    await timed('append', messages.length, async () => {
      for (let at = 0; at < messages.length; at += AT_ONCE)
        await Promise.all(messages.slice(at, at + AT_ONCE).map((message) => spool.append(message)))
    })
    await timed('drain', messages.length, async () => {
      while ((await drainOnce(drain)) > 0);
    })
    await timed('positions', messages.length, async () => {
      while ((await sequenceOnce({ database, clock, log, metrics })).count > 0);
    })
  }
  const single: number[] = []
  for (let n = 0; n < SINGLES; n += 1) {
    signal.throwIfAborted()
    const event = benchEvent(`single-${n}`, clock.now())
    const start = performance.now()
    await spool.append(benchMessage(event, { kind: 'start', seq: 1, at: event.startedAt }))
    await drainOnce(drain)
    single.push(performance.now() - start)
  }
  return {
    bench: 'events',
    about: [
      `${runs} × ${events} events of ${CAMERAS} cameras, three messages each, ${AT_ONCE} appends at once; direct transport`,
      'spool with synchronous=FULL, embedded PostgreSQL with fsync, both on the disk of the temporary folder',
    ],
    figures: [
      figure('spool: append until it is durable', 'messages/s', stages.append),
      figure('spool → direct → inbox, committed', 'messages/s', stages.drain),
      figure('positions in the change log, committed', 'messages/s', stages.positions),
      figure('one event alone, append → committed, p50', 'ms', [quantile(single, 0.5)]),
      figure('one event alone, append → committed, p95', 'ms', [quantile(single, 0.95)]),
    ],
    warnings: [],
  }
}

const threeEach = (events: number, now: number) =>
  Array.from({ length: events }, (_, n) => benchEvent(`bench-${n % CAMERAS}`, now + n)).flatMap((event) =>
    (['start', 'update', 'end'] as const).map((kind, index) =>
      benchMessage(event, { kind, seq: index + 1, at: event.startedAt + index * 1_000 }),
    ),
  )
