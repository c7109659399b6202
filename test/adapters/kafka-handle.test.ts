import { expect, test } from 'vitest'
import { createHandler } from '../../adapters/kafka/handle.ts'
import { type ErrorCode, SharpEyesError } from '../../core/errors.ts'
import { recordingLog, recordingMetrics } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'

/** One batch of one partition: a message that is refused. Its dead-letter topic fails `failures` times with `code`. */
async function handlePoison(code: ErrorCode, failures: number) {
  const clock = manualClock(0)
  const metrics = recordingMetrics()
  const resolved: string[] = []
  let tries = 0
  const handle = createHandler({
    ...{ topic: 'hazard.events.v1', clock, metrics, log: recordingLog(), beatMs: 2_500 },
    signal: new AbortController().signal,
    onWaiting: () => undefined,
    receiver: { receive: async () => [{ index: 0, error: 'not JSON' }] },
    producer: {
      async produceRaw() {
        tries += 1
        if (tries <= failures) throw new SharpEyesError(code, 'as the test says')
      },
    },
  })
  const message = { key: null, value: Buffer.from('x'), headers: {}, offset: '7' }
  let isOver = false
  const done = handle({
    batch: { messages: [message], partition: 0 },
    resolveOffset: (offset: string) => void resolved.push(offset),
    heartbeat: async () => undefined,
    commitOffsetsIfNecessary: async () => undefined,
    uncommittedOffsets: () => ({ topics: [] }),
    isRunning: () => true,
    isStale: () => false,
  } as unknown as Parameters<typeof handle>[0]).finally(() => {
    isOver = true
  })
  for (let steps = 0; !isOver && steps < 10_000; steps += 1) {
    clock.advance(100)
    await new Promise((next) => setImmediate(next))
  }
  await done
  return {
    tries,
    resolved,
    unsent: metrics.counts.get('bus_dead_letters_unsent_total{topic=hazard.events.v1}'),
  }
}

test('a dead letter is tried again while its topic does not take it', async () => {
  expect(await handlePoison('transport_unavailable', 4)).toEqual({
    ...{ tries: 5, resolved: ['7'], unsent: undefined },
  })
})

test.for(['transport_unavailable', 'config_invalid', 'too_large'] as const)(
  'a topic of dead letters that never takes them (%s) stops nobody, and they are counted',
  async (code) => {
    const { resolved, unsent, tries } = await handlePoison(code, Number.POSITIVE_INFINITY)
    expect({ resolved, unsent }).toEqual({ resolved: ['7'], unsent: 1 })
    expect(tries).toBe(code === 'transport_unavailable' ? 12 : 1)
  },
)
