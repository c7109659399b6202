import { describe, expect, test } from 'vitest'
import { createSwitchingTransport } from '../../adapters/transport/switching.ts'
import { afterFailure, afterProbe, afterSuccess, startWay } from '../../adapters/transport/way.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { InboundMessage } from '../../core/topics.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingLog, recordingMetrics } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'

const AWAY_MS = 10_000
const failure = (startedAt: number, now: number) => ({ startedAt, now, error: 'away' })

describe('which way', () => {
  const start = startWay(0)
  test('ten seconds without success, counted from the first attempt that failed', () => {
    const once = afterFailure(start, failure(1_000, 6_000), AWAY_MS)
    expect(once).toMatchObject({ way: 'kafka', failingSince: 1_000, error: 'away' })
    expect(afterFailure(once, failure(6_500, 10_999), AWAY_MS).way).toBe('kafka')
    expect(afterFailure(once, failure(6_500, 11_000), AWAY_MS)).toEqual({
      way: 'direct',
      since: 11_000,
      error: 'away',
    })
  })
  test('a success in between begins the count anew', () => {
    const recovered = afterSuccess(afterFailure(start, failure(1_000, 6_000), AWAY_MS))
    expect(afterFailure(recovered, failure(9_000, 14_000), AWAY_MS).way).toBe('kafka')
  })
  test('just come back, the first failure is enough; after the first success it takes its time again', () => {
    const direct = afterFailure(start, failure(0, AWAY_MS), AWAY_MS)
    const back = afterProbe(direct, 20_000)
    expect(back).toMatchObject({ way: 'kafka', since: 20_000, trial: true })
    expect(afterFailure(back, failure(21_000, 21_100), AWAY_MS).way).toBe('direct')
    expect(afterFailure(afterSuccess(back), failure(21_000, 21_100), AWAY_MS).way).toBe('kafka')
  })
  test('a late success or failure of before does not undo the switch', () => {
    const direct = afterFailure(start, failure(0, AWAY_MS), AWAY_MS)
    expect(afterSuccess(direct)).toBe(direct)
    expect(afterFailure(direct, failure(0, 12_000), AWAY_MS)).toBe(direct)
    expect(afterProbe(start, 5)).toBe(start)
  })
})

/** Both ways as the test wants them; the clock moves only when something waits for it. */
function rig() {
  const clock = manualClock(1_000_000)
  const sent = { kafka: [] as InboundMessage[], direct: [] as InboundMessage[] }
  const faults: {
    kafka: Error | null
    direct: Error | null
    probe: Error | null
    /** Kafka takes every other message. */
    one: InboundMessage | null
  } = { kafka: null, direct: null, probe: null, one: null }
  const log = recordingLog()
  const metrics = recordingMetrics()
  const transport = createSwitchingTransport({
    kafka: {
      async send(messages) {
        clock.advance(100)
        if (faults.kafka) throw faults.kafka
        if (faults.one && messages.includes(faults.one)) throw away
        sent.kafka.push(...messages)
      },
      async probe() {
        if (faults.probe) throw faults.probe
      },
    },
    direct: {
      async send(messages) {
        if (faults.direct) throw faults.direct
        sent.direct.push(...messages)
      },
    },
    ...{ clock, log, metrics },
  })
  /** Lets time go on until the promise has an outcome; answers how much it took. */
  const elapse = async (work: Promise<unknown>, stepMs = 100) => {
    const from = clock.now()
    let isOver = false
    const over = () => {
      isOver = true
    }
    work.then(over, over)
    for (let steps = 0; !isOver && steps < 10_000; steps += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      if (!isOver) clock.advance(stepMs)
    }
    await work
    return clock.now() - from
  }
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 100) {
      clock.advance(100)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return {
    ...{ clock, sent, faults, log, metrics, transport, elapse, pass },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  }
}

const message = (id: string) =>
  hazardMessage(hazardEvent({ source: { kind: 'camera', id } }), { kind: 'start', seq: 1 })
const away = new SharpEyesError('transport_unavailable', 'Kafka at x: connect ECONNREFUSED')

describe('switching', () => {
  test('Kafka away for ten seconds: the batch in hand goes directly, and health says why', async () => {
    await using rigged = rig()
    const { transport, faults, sent, elapse, log, metrics } = rigged
    faults.kafka = away
    const batch = [message('a'), message('b')]
    const took = await elapse(transport.send(batch))
    expect(took).toBeGreaterThanOrEqual(AWAY_MS)
    expect(took).toBeLessThan(AWAY_MS + 1_000)
    expect(sent).toEqual({ kafka: [], direct: batch })
    expect(transport.state()).toMatchObject({ way: 'direct', error: away.message })
    expect(log.lines.filter((line) => line.includes('Kafka is away'))).toHaveLength(1)
    expect(metrics.counts.get('transport_switches_total{to=direct}')).toBe(1)
    // The next one does not wait for anything.
    expect(await elapse(transport.send([message('c')]))).toBe(0)
    expect(sent.direct).toHaveLength(3)
  })

  test('back by itself, without anything being sent, and only when the probe says so', async () => {
    await using rigged = rig()
    const { transport, faults, sent, elapse, pass } = rigged
    Object.assign(faults, { kafka: away, probe: away })
    await elapse(transport.send([message('a')]))
    await pass(20_000)
    expect(transport.state().way).toBe('direct')
    Object.assign(faults, { kafka: null, probe: null })
    await pass(6_000)
    expect(transport.state()).toMatchObject({ way: 'kafka', error: null })
    await elapse(transport.send([message('b')]))
    expect(sent.kafka).toHaveLength(1)
  })

  test('a broker that answers but takes nothing does not hold messages up twice', async () => {
    await using rigged = rig()
    const { transport, faults, sent, elapse, pass } = rigged
    faults.kafka = away
    await elapse(transport.send([message('a')]))
    await pass(6_000)
    expect(transport.state().way).toBe('kafka')
    expect(await elapse(transport.send([message('b')]))).toBeLessThan(1_000)
    expect(sent.direct).toHaveLength(2)
    expect(transport.state().way).toBe('direct')
  })

  test('a short trouble is waited out and changes nothing', async () => {
    await using rigged = rig()
    const { transport, faults, sent, elapse, clock, metrics } = rigged
    faults.kafka = away
    const sending = transport.send([message('a')])
    void clock.sleep(3_000).then(() => {
      faults.kafka = null
    })
    await elapse(sending)
    expect(sent.kafka).toHaveLength(1)
    expect(transport.state()).toMatchObject({ way: 'kafka', error: null })
    expect(metrics.counts.get('transport_switches_total{to=direct}')).toBeUndefined()
  })

  test('a partition without a leader: what goes there goes directly, though Kafka takes the rest all the time', async () => {
    await using rigged = rig()
    const { transport, faults, sent, elapse, clock } = rigged
    const stuck = message('a')
    faults.one = stuck
    const sending = transport.send([stuck])
    let isOver = false
    const others = (async () => {
      while (!isOver) {
        await clock.sleep(2_000)
        await transport.send([message('b')])
      }
    })()
    const took = await elapse(
      sending.finally(() => {
        isOver = true
      }),
    )
    expect(took).toBeGreaterThanOrEqual(AWAY_MS)
    expect(took).toBeLessThan(AWAY_MS + 1_500)
    expect(sent.direct).toContain(stuck)
    expect(sent.kafka.length).toBeGreaterThan(2)
    await elapse(others)
  })

  test('both away: send rejects, and the messages stay with the caller', async () => {
    await using rigged = rig()
    const { transport, faults, elapse } = rigged
    Object.assign(faults, { kafka: away, direct: new SharpEyesError('database_unavailable', 'no database') })
    await expect(elapse(transport.send([message('a')]))).rejects.toMatchObject({
      code: 'database_unavailable',
    })
    faults.direct = null
    await elapse(transport.send([message('a')]))
  })

  test('what is too large for Kafka goes directly, the rest through it', async () => {
    await using rigged = rig()
    const { transport, faults, sent, elapse } = rigged
    faults.kafka = new SharpEyesError('too_large', 'one is too large', { details: { indexes: [1] } })
    const batch = ['a', 'b', 'c'].map(message)
    await elapse(transport.send(batch))
    expect(sent.direct).toEqual([batch[1]])
    expect(transport.state().way).toBe('kafka')
  })

  test('at its end it does not keep a caller waiting', async () => {
    const { transport, faults } = rig()
    faults.kafka = away
    const sending = transport.send([message('a')])
    await transport[Symbol.asyncDispose]()
    await expect(sending).rejects.toThrow()
  })
})
