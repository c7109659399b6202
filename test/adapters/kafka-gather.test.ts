import { expect, test } from 'vitest'
import { gather } from '../../adapters/kafka/gather.ts'
import type { RefusedMessage } from '../../core/ports/messages.ts'

/** A receiver that is told when to answer, and what. */
function heldReceiver() {
  const calls: { messages: readonly unknown[]; answer: PromiseWithResolvers<readonly RefusedMessage[]> }[] =
    []
  return {
    calls,
    receiver: {
      receive(messages: readonly unknown[]) {
        const answer = Promise.withResolvers<readonly RefusedMessage[]>()
        calls.push({ messages, answer })
        return answer.promise
      },
    },
  }
}
const turns = async () => {
  for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setImmediate(resolve))
}

test('what comes in one turn is one call, and each caller hears of its own refusals by its own places', async () => {
  const { calls, receiver } = heldReceiver()
  const joined = gather(receiver, { atOnce: 2, max: 100 })
  const answers = [['a', 'b'], [], ['c'], ['d', 'e', 'f']].map((messages) => joined.receive(messages))
  await turns()
  expect(calls.map(({ messages }) => messages)).toEqual([['a', 'b', 'c', 'd', 'e', 'f']])
  calls[0]?.answer.resolve([1, 2, 5].map((index) => ({ index, error: `bad ${index}` })))
  expect(await Promise.all(answers)).toEqual([
    [{ index: 1, error: 'bad 1' }],
    [],
    [{ index: 0, error: 'bad 2' }],
    [{ index: 2, error: 'bad 5' }],
  ])
})

test('while as many calls run as may, the rest is gathered, and no call is larger than allowed', async () => {
  const { calls, receiver } = heldReceiver()
  const joined = gather(receiver, { atOnce: 1, max: 4 })
  const first = joined.receive(['a'])
  await turns()
  const more = [['b', 'c'], ['d'], ['e', 'f'], ['g', 'h', 'i', 'j', 'k']].map((list) => joined.receive(list))
  await turns()
  expect(calls).toHaveLength(1)
  calls[0]?.answer.resolve([])
  await first
  for (let n = 1; n <= 3; n += 1) {
    await turns()
    expect(calls).toHaveLength(n + 1)
    calls[n]?.answer.resolve([])
  }
  await Promise.all(more)
  // A call that is too large by itself goes alone: the receiver cuts it.
  expect(calls.map(({ messages }) => messages.join(''))).toEqual(['a', 'bcd', 'ef', 'ghijk'])
})

test('a failed call fails for all in it, and what comes later is tried', async () => {
  const { calls, receiver } = heldReceiver()
  const joined = gather(receiver, { atOnce: 1, max: 100 })
  const together = [joined.receive(['a']), joined.receive(['b'])]
  const outcomes = Promise.allSettled(together)
  await turns()
  calls[0]?.answer.reject(new Error('the database is away'))
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const again = joined.receive(['a'])
  await turns()
  calls[1]?.answer.resolve([])
  expect(await again).toEqual([])
})
