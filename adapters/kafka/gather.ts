import { setImmediate as nextTurn } from 'node:timers/promises'
import type { MessageReceiver, RefusedMessage } from '../../core/ports/messages.ts'

interface Call {
  readonly messages: readonly unknown[]
  readonly answer: PromiseWithResolvers<readonly RefusedMessage[]>
}

/**
 * Joins what several partitions hand over at the same time into one call of the receiver: at a few hundred messages a
 * second spread over twelve partitions, that is one transaction where it would be eight. While `atOnce` calls run, what
 * comes in is gathered; a call alone does not wait. A call that fails fails for all that are in it.
 */
export function gather(
  receiver: MessageReceiver,
  { atOnce, max }: { readonly atOnce: number; readonly max: number },
): MessageReceiver {
  const waiting: Call[] = []
  let running = 0
  let isAwake = false

  /** The calls of one fetch come one after the other in the same turn of the loop. */
  async function wake(): Promise<void> {
    if (isAwake) return
    isAwake = true
    await nextTurn()
    isAwake = false
    while (running < atOnce && waiting.length > 0) void run(next())
  }

  function next(): readonly Call[] {
    let messages = 0
    const beyond = waiting.findIndex((call, index) => {
      messages += call.messages.length
      return index > 0 && messages > max
    })
    return waiting.splice(0, beyond === -1 ? waiting.length : beyond)
  }

  async function run(calls: readonly Call[]): Promise<void> {
    running += 1
    try {
      const refused = await receiver.receive(calls.flatMap(({ messages }) => messages))
      let from = 0
      for (const { messages, answer } of calls) {
        const start = from
        from += messages.length
        const mine = refused.filter(({ index }) => index >= start && index < start + messages.length)
        answer.resolve(mine.map((one) => ({ ...one, index: one.index - start })))
      }
    } catch (error) {
      for (const { answer } of calls) answer.reject(error)
    } finally {
      running -= 1
      if (waiting.length > 0) void wake()
    }
  }

  return {
    receive(messages) {
      const answer = Promise.withResolvers<readonly RefusedMessage[]>()
      waiting.push({ messages, answer })
      void wake()
      return answer.promise
    },
  }
}
