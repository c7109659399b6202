import { expect, test } from 'vitest'
import type { Channel, DeliveryOutcome } from '../../core/ports/channel.ts'

/** What a channel's tests must be able to make its receiver do. */
export interface ChannelBench {
  readonly channel: Channel
  readonly target: unknown
  /** A message that this channel can tell; default: a thin one. */
  readonly payload?: unknown
  /** False: the protocol has no word for when to come again. */
  readonly saysWhen?: boolean
  /** A target where nobody listens. */
  readonly deadTarget: unknown
  /** Texts that no outcome may contain. */
  readonly secrets: readonly string[]
  /** Sets the receiver's behaviour for the next message. */
  behave(as: 'accept' | 'fail' | 'gone' | 'busy_for_7_s' | 'freeze' | 'break'): void
  /** Ids of the messages the receiver took, with a right signature or login. */
  ids(): readonly string[]
}

/** Every channel keeps this contract; `open` makes a fresh bench. */
export function channelContract(open: () => Promise<ChannelBench & AsyncDisposable>): void {
  const thin = { type: 'case.filed', timestamp: '2026-11-24T08:00:00.000Z', data: { case: '2026-000001' } }
  const deliver = (bench: ChannelBench, id: string, target = bench.target, ms = 20_000) =>
    bench.channel.deliver({ id, payload: bench.payload ?? thin, target }, AbortSignal.timeout(ms))
  const quiet = (bench: ChannelBench, outcome: DeliveryOutcome) => {
    for (const secret of bench.secrets) expect(JSON.stringify(outcome)).not.toContain(secret)
  }

  test('delivers once, under the id it was given', async () => {
    await using bench = await open()
    bench.behave('accept')
    expect(await deliver(bench, 'msg_1')).toMatchObject({ kind: 'delivered' })
    expect(bench.ids()).toEqual(['msg_1'])
  })

  test.each([
    ['fail', { kind: 'failed', retryable: true }],
    ['gone', { kind: 'failed', retryable: false }],
    ['busy_for_7_s', { kind: 'failed', retryable: true, retryAfterMs: 7_000 }],
    ['break', { kind: 'failed', retryable: true, code: 'connection_lost' }],
  ] as const)('a receiver that does "%s"', async (as, wanted) => {
    await using bench = await open()
    bench.behave(as)
    const outcome = await deliver(bench, 'msg_2')
    const { retryAfterMs, ...always } = { retryAfterMs: undefined, ...wanted }
    expect(outcome).toMatchObject(always)
    if (retryAfterMs !== undefined && bench.saysWhen !== false)
      expect(outcome).toMatchObject({ retryAfterMs })
    quiet(bench, outcome)
  })

  test('a frozen receiver is given up when the signal says so', async () => {
    await using bench = await open()
    bench.behave('freeze')
    const outcome = await deliver(bench, 'msg_3', bench.target, 300)
    expect(outcome).toMatchObject({ kind: 'failed', retryable: true, code: 'timeout' })
    quiet(bench, outcome)
  })

  test('nobody there, and a target that is none, are failures and no throws', async () => {
    await using bench = await open()
    for (const target of [bench.deadTarget, { nonsense: true }]) {
      const outcome = await deliver(bench, 'msg_4', target)
      expect(outcome).toMatchObject({ kind: 'failed', retryable: true })
      quiet(bench, outcome)
    }
  })
}
