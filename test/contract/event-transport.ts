import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EventTransport, Queryable } from '../../core/ports.ts'
import { hazardEvent, hazardMessage, TEST_TIME } from '../support/events.ts'

/** A transport with a real inbox on a real database at its far end. */
export interface ConnectedTransport extends AsyncDisposable {
  readonly transport: EventTransport
  readonly database: Queryable
  /** Makes the far side refuse (a broker or a database that is away), and lets it work again. */
  breakDown(): Promise<void>
  repair(): Promise<void>
}

const WAIT_MS = 30_000

/** What every way from the spool to the inbox has to keep. Run it on each pair of adapters. */
export function eventTransportContract(name: string, connect: () => Promise<ConnectedTransport>): void {
  describe(`event transport: ${name}`, () => {
    let far: ConnectedTransport
    beforeAll(async () => {
      far = await connect()
    })
    afterAll(() => far[Symbol.asyncDispose]())

    const rows = async (sql: string, params: readonly unknown[]) =>
      (await far.database.query(sql, params)).rows
    /** A topic is not read yet when `send` resolves: waits until the inbox has settled this many messages of a source. */
    const settled = async (source: string, count: number) => {
      const deadline = performance.now() + WAIT_MS
      for (;;) {
        const [row] = await rows('select count(*)::int as n from inbox where source = $1', [
          `/cameras/${source}`,
        ])
        if (row?.n === count) return
        if (performance.now() > deadline)
          throw new Error(`${row?.n} of ${count} messages of ${source} arrived within ${WAIT_MS} ms`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    const eventOf = (camera: string, zone = 'gate') =>
      hazardEvent({ source: { kind: 'camera', id: camera }, zone })

    test('what was sent arrives whole and makes its alert', async () => {
      const event = eventOf('whole')
      await far.transport.send([hazardMessage(event, { kind: 'start', seq: 1 })])
      await settled('whole', 1)
      const [row] = await rows('select cause from alerts where source_id = $1', ['whole'])
      expect(row?.cause).toEqual({ ...event, lastSeenAt: TEST_TIME + 1_000 })
    })

    test('order and seq: the last state wins, however the messages are cut into batches', async () => {
      const event = eventOf('order')
      const messages = [
        hazardMessage(event, { kind: 'start', seq: 1 }),
        ...[2, 3, 4, 5].map((seq) => hazardMessage(event, { kind: 'update', seq })),
        hazardMessage(event, { kind: 'end', seq: 6 }),
      ]
      await far.transport.send(messages.slice(3))
      await far.transport.send(messages.slice(0, 3))
      await settled('order', 6)
      expect(await rows('select seq, ended from event_state where source_id = $1', ['order'])).toEqual([
        { seq: '6', ended: true },
      ])
      expect(await rows('select state, occurrences from alerts where source_id = $1', ['order'])).toEqual([
        { state: 'resolved', occurrences: 1 },
      ])
    })

    test('redelivery: the same messages again are nothing new', async () => {
      const messages = [1, 2].map((n) =>
        hazardMessage(eventOf('again', `zone-${n}`), { kind: 'start', seq: 1 }),
      )
      for (let n = 0; n < 3; n += 1) await far.transport.send(messages)
      await settled('again', 2)
      await far.transport.send([hazardMessage(eventOf('again', 'fence'), { kind: 'start', seq: 1 })])
      await settled('again', 3) // what was sent before the fence has been looked at
      expect(await rows('select occurrences from alerts where source_id = $1', ['again'])).toEqual([
        { occurrences: 1 },
        { occurrences: 1 },
        { occurrences: 1 },
      ])
    })

    test('poison: a message that cannot be stored stops neither its batch nor what follows', async () => {
      const poison = hazardMessage(eventOf('poison', 'a\0b'), { kind: 'start', seq: 1 })
      const good = [1, 2, 3].map((n) =>
        hazardMessage(eventOf('poison', `zone-${n}`), { kind: 'start', seq: 1 }),
      )
      await far.transport.send([...good.slice(0, 2), poison, ...good.slice(2)])
      await far.transport.send([hazardMessage(eventOf('poison', 'after'), { kind: 'start', seq: 1 })])
      await settled('poison', 4)
      const letters = await rows("select convert_from(bytes, 'UTF8') as text from dead_letters", [])
      expect(letters.filter((row) => row.text === JSON.stringify(poison))).toHaveLength(1)
    })

    test('away: send rejects and loses nothing; afterwards the same batch goes through', async () => {
      const messages = [1, 2, 3].map((n) =>
        hazardMessage(eventOf('away', `zone-${n}`), { kind: 'start', seq: 1 }),
      )
      await far.breakDown()
      await expect(far.transport.send(messages)).rejects.toThrow()
      await far.repair()
      await far.transport.send(messages)
      await settled('away', 3)
      expect(await rows('select occurrences from alerts where source_id = $1', ['away'])).toHaveLength(3)
    })

    test('an empty batch is no error', async () => {
      await far.transport.send([])
    })
  })
}
