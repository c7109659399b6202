import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { createReadingsInbox } from '../../alerts/sensors/inbox.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { EventTransport, MessageReceiver } from '../../core/ports/messages.ts'
import { type ReadingsMessage, readingsMessageSchema, toReadingsMessage } from '../../core/reading.ts'
import type { InboundTopic } from '../../core/topics.ts'
import { hazardEvent, hazardMessage, TEST_TIME } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'

/** A transport with a real inbox on a real database at its far end, and `readingsReceiver` for the readings. */
export interface ConnectedTransport extends AsyncDisposable {
  readonly transport: EventTransport
  readonly database: Queryable
  /** Makes the far side refuse (a broker or a database that is away), and lets it work again. */
  breakDown(): Promise<void>
  repair(): Promise<void>
  /** What lies between; null: a call hands over, and there is no log between and no reader of it. */
  readonly between: MessageLog | null
}

/** A log of messages between sender and inbox: other programs may write to it, and a group of readers shares it. */
export interface MessageLog {
  put(topic: InboundTopic, records: readonly LogRecord[]): Promise<void>
  /** Dead letters of the topic from the oldest on, as they lie in the log, until they are enough. */
  deadLetters(
    topic: InboundTopic,
    isEnough: (letters: readonly LogRecord[]) => boolean,
  ): Promise<readonly LogRecord[]>
  /**
   * The reader of hazard events is killed (-9) after the database has committed what `send` sent, before its place in the
   * log moves; then another one reads. Answers how many of the messages that one was given were there already.
   */
  killAfterCommit(send: () => Promise<void>): Promise<number>
  /** A second reader comes while the first has the first messages of `send` in hand, and goes when `after` has resolved. */
  rebalanceWhileHandling(
    send: () => Promise<void>,
    after: (partitions: readonly number[]) => Promise<void>,
  ): Promise<void>
}

export interface LogRecord {
  readonly key: Buffer | string | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>
}

const WAIT_MS = 60_000

/** The real inbox of readings; a table of the test's own notes in which order messages come, once each. */
export async function readingsReceiver(database: Database): Promise<MessageReceiver> {
  const common = { database, clock: systemClock, log: silentLog, metrics: recordingMetrics() }
  const inbox = createReadingsInbox({ ...common, inbox: createInbox(common) })
  await database.query(
    'create table test_arrivals (place bigint generated always as identity, id text primary key)',
  )
  return {
    async receive(messages) {
      for (const raw of messages) {
        const { success, data } = readingsMessageSchema.safeParse(
          raw instanceof Uint8Array ? jsonOf(raw) : raw,
        )
        if (success)
          await database.query('insert into test_arrivals (id) values ($1) on conflict (id) do nothing', [
            data.id,
          ])
      }
      return inbox.receive(messages)
    },
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return null
  }
}

/** What every way from the spool to the inbox has to keep. Run it on each pair of adapters. */
export function eventTransportContract(
  name: string,
  connect: () => Promise<ConnectedTransport>,
  options: { readonly hasLog: boolean },
): void {
  describe(`event transport: ${name}`, () => {
    let far: ConnectedTransport
    beforeAll(async () => {
      far = await connect()
    })
    afterAll(() => far[Symbol.asyncDispose]())

    const rows = async (sql: string, params: readonly unknown[] = []) =>
      (await far.database.query(sql, params)).rows
    /** A topic is not read yet when `send` resolves: waits until a query says the number. */
    const counted = async (what: string, number: number, sql: string, params: readonly unknown[]) => {
      const deadline = performance.now() + WAIT_MS
      for (;;) {
        const [row] = await rows(`select count(*)::int as n from ${sql}`, params)
        if (row?.n === number) return
        if (performance.now() > deadline)
          throw new Error(`${row?.n} of ${number} ${what} arrived within ${WAIT_MS} ms`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    /** The inbox has settled this many messages of a camera. */
    const settled = (camera: string, number: number) =>
      counted(`messages of ${camera}`, number, 'inbox where source = $1', [`/cameras/${camera}`])
    const eventOf = (camera: string, zone = 'gate') =>
      hazardEvent({ source: { kind: 'camera', id: camera }, zone })
    const startOf = (camera: string, zone?: string) =>
      hazardMessage(eventOf(camera, zone), { kind: 'start', seq: 1 })
    const readingOf = (device: string, at: number): ReadingsMessage =>
      toReadingsMessage({
        ...{ device, protocol: 'mqtt', receivedAt: TEST_TIME, worker: 'worker-1', status: null },
        readings: [
          ...[
            { factor: 'a34004', period: 'instant', statistic: 'value', at, value: at, flag: null } as const,
          ],
        ],
      })
    /** Of what only a log between can have: where there is none these tests are none. */
    const testOfLog = (what: string, run: (log: MessageLog) => Promise<void>) => {
      if (!options.hasLog) return
      test(what, () => {
        if (!far.between) throw new Error('there is no log between')
        return run(far.between)
      })
    }

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

    test('order of a key: readings of a device come in the order in which they were sent', async () => {
      const devices = ['pm-1', 'pm-2', 'pm-3']
      const messages = Array.from({ length: 300 }, (_, n) =>
        readingOf(devices[n % 3] ?? '', TEST_TIME + n * 60_000),
      )
      for (let at = 0; at < messages.length; at += 70) await far.transport.send(messages.slice(at, at + 70))
      await counted('readings', 300, 'readings where device = any($1)', [devices])
      const out = await rows(`select device from (
        select device, at, lag(at) over (partition by device order by place) as before
          from readings join test_arrivals on message_id = id) as r where before > at`)
      expect(out).toEqual([])
    })

    test('both kinds in one batch: each goes its way', async () => {
      await far.transport.send([readingOf('mixed', TEST_TIME), startOf('mixed')])
      await settled('mixed', 1)
      await counted('readings', 1, 'readings where device = $1', ['mixed'])
    })

    test('a large message goes through', async () => {
      const measured = Object.fromEntries(Array.from({ length: 30_000 }, (_, n) => [`measured-${n}`, n]))
      const message = hazardMessage({ ...eventOf('large'), measured }, { kind: 'start', seq: 1 })
      expect(Buffer.byteLength(JSON.stringify(message))).toBeGreaterThan(600_000)
      // With small ones of the same key before and after it: together they are more than a megabyte.
      const small = (seq: number) =>
        hazardMessage(
          { ...message.data.event, measured: {}, endReason: 'x'.repeat(100_000) },
          { kind: 'update', seq },
        )
      await far.transport.send([message, ...[2, 3, 4, 5, 6, 7].map(small)])
      await settled('large', 7)
    })

    test('redelivery: the same messages again are nothing new', async () => {
      const messages = [1, 2].map((n) => startOf('again', `zone-${n}`))
      for (let n = 0; n < 3; n += 1) await far.transport.send(messages)
      await settled('again', 2)
      await far.transport.send([startOf('again', 'fence')])
      await settled('again', 3) // what was sent before the fence has been looked at
      expect(await rows('select occurrences from alerts where source_id = $1', ['again'])).toEqual([
        { occurrences: 1 },
        { occurrences: 1 },
        { occurrences: 1 },
      ])
    })

    test('poison: a message that cannot be stored stops neither its batch nor what follows', async () => {
      const poison = startOf('poison', 'a\0b')
      const good = [1, 2, 3].map((n) => startOf('poison', `zone-${n}`))
      await far.transport.send([...good.slice(0, 2), poison, ...good.slice(2)])
      await far.transport.send([startOf('poison', 'after')])
      await settled('poison', 4)
      const letters = await rows('select bytes from dead_letters')
      const bytes = Buffer.from(JSON.stringify(poison))
      expect(letters.filter((row) => bytes.equals(row.bytes as Buffer))).toHaveLength(1)
    })

    testOfLog(
      'what other programs write is no crash: it is dead with its bytes, key and headers',
      async (log) => {
        const headers = { traceparent: '00-abc', twice: ['one', 'two'], binary: Buffer.from([0, 255, 128]) }
        const big = Buffer.from(JSON.stringify({ not: 'a message', filler: 'x'.repeat(900_000) }))
        const foreign: LogRecord[] = [
          { key: Buffer.from([0xff, 0, 0xfe]), value: Buffer.from([0, 1, 2, 0xff, 0xfe]), headers },
          { key: 'tombstone', value: null, headers: {} },
          { key: null, value: Buffer.from('{"unknown":"form"}'), headers: {} },
          { key: 'nul', value: Buffer.from(JSON.stringify(startOf('foreign', 'x\0y'))), headers: {} },
          { key: 'big', value: big, headers: {} },
          { key: 'empty', value: Buffer.alloc(0), headers: {} },
        ]
        await log.put('hazard.events.v1', foreign)
        await far.transport.send([startOf('foreign')])
        await settled('foreign', 1)
        const letterOf = (letters: readonly LogRecord[], { key }: LogRecord) =>
          letters.find((letter) => sameBytes(letter.key, key))
        const letters = await log.deadLetters('hazard.events.v1', (some) =>
          foreign.every((record) => letterOf(some, record)),
        )
        for (const record of foreign) {
          const letter = letterOf(letters, record)
          expect(sameBytes(letter?.value ?? null, record.value)).toBe(true)
          expect(letter?.headers).toMatchObject({
            'x-original-topic': Buffer.from('hazard.events.v1'),
            'x-error-message': expect.anything(),
            'x-original-partition': expect.anything(),
            'x-original-offset': expect.anything(),
            'x-first-failed-at': expect.anything(),
          })
        }
        const [first] = letters.filter(({ key }) => sameBytes(key, foreign[0]?.key ?? null))
        expect(first?.headers).toMatchObject({
          traceparent: Buffer.from('00-abc'),
          twice: [Buffer.from('one'), Buffer.from('two')],
          binary: Buffer.from([0, 255, 128]),
          'x-error-class': Buffer.from('not_json'),
        })
        const classes = letters.map(({ key, headers }) => [String(key), String(headers['x-error-class'])])
        expect(Object.fromEntries(classes)).toMatchObject({
          tombstone: 'empty',
          nul: 'refused',
          big: 'refused',
        })
        const stored = (await rows('select bytes from dead_letters')).map((row) => row.bytes as Buffer)
        for (const { value } of foreign)
          expect(stored.some((bytes) => bytes.equals(value ?? Buffer.alloc(0)))).toBe(true)
      },
    )

    testOfLog('killed between the two commits: what comes again is known', async (log) => {
      const again = await log.killAfterCommit(() =>
        far.transport.send([1, 2, 3].map((n) => startOf('killed', `zone-${n}`))),
      )
      expect(again).toBeGreaterThan(0)
      await settled('killed', 3)
      expect(await rows('select distinct occurrences from alerts where source_id = $1', ['killed'])).toEqual([
        { occurrences: 1 },
      ])
    })

    testOfLog(
      'a rebalance while messages are in hand: nothing is lost and nothing applied twice',
      async (log) => {
        const cameras = Array.from({ length: 40 }, (_, n) => `moved-${n}`)
        await log.rebalanceWhileHandling(
          () => far.transport.send(cameras.map((camera) => startOf(camera))),
          async (partitions) => {
            expect(partitions.every((count) => count > 0)).toBe(true)
            await far.transport.send(cameras.map((camera) => startOf(camera, 'yard')))
            await counted('alerts', 80, "alerts where source_id like 'moved-%'", [])
          },
        )
        await far.transport.send(cameras.map((camera) => startOf(camera, 'roof')))
        await counted('messages', 120, "inbox where source like '/cameras/moved-%'", [])
        expect(await rows("select distinct occurrences from alerts where source_id like 'moved-%'")).toEqual([
          { occurrences: 1 },
        ])
      },
    )

    test('away: send rejects and loses nothing; afterwards the same batch goes through', async () => {
      const messages = [1, 2, 3].map((n) => startOf('away', `zone-${n}`))
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

type Bytes = Buffer | string | null
const sameBytes = (a: Bytes, b: Bytes): boolean =>
  a === null || b === null ? a === b : Buffer.from(a).equals(Buffer.from(b))
