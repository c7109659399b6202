import { Command } from 'commander'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { buryMessages } from '../../alerts/inbox/dead-letters.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import {
  listDeadLetters,
  readDeadLetter,
  replayDeadLetter,
  waitingDeadLetters,
} from '../../alerts/inbox/replay.ts'
import { addDeadLetters } from '../../app/commands/dead-letters.ts'
import type { MessageReceiver } from '../../core/ports/messages.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { tempFolder } from '../support/temp-folder.ts'

const TOPIC = 'hazard.events.v1'
let database: TestDatabase
let inbox: MessageReceiver
beforeAll(async () => {
  database = await createTestDatabase()
  inbox = createInbox({ database, clock: systemClock, log: silentLog, metrics: recordingMetrics() })
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  await database.query('truncate dead_letters, inbox, events, event_state, alerts, changes cascade')
})

const deps = (receiver: MessageReceiver = inbox) => ({
  ...{ database, clock: systemClock, log: silentLog, metrics: recordingMetrics() },
  receivers: { [TOPIC]: receiver },
})
const startOf = (camera: string, zone = 'gate') =>
  Buffer.from(
    JSON.stringify(
      hazardMessage(hazardEvent({ source: { kind: 'camera', id: camera }, zone }), { kind: 'start', seq: 1 }),
    ),
  )
/** A letter as an older program left it. */
async function bury(
  bytes: Buffer,
  error = 'an older version did not know a key',
  topic = TOPIC,
): Promise<string> {
  await buryMessages(database, topic, [{ raw: bytes, error }])
  const [id] = (await waitingDeadLetters(database)).slice(-1)
  return id ?? ''
}
const alerts = async () => (await database.query('select source_id from alerts order by 1')).rows

test('a letter that is understood now is applied, and its row says who did it and when', async () => {
  const bytes = startOf('cam-1')
  const id = await bury(bytes)
  const from = new Date()
  expect(await replayDeadLetter(deps(), id, 'wang')).toEqual({
    id,
    topic: TOPIC,
    outcome: 'applied',
    error: null,
  })
  expect(await alerts()).toEqual([{ source_id: 'cam-1' }])
  expect(await listDeadLetters(database, { replayed: false, limit: 9 })).toEqual([])
  const letter = await readDeadLetter(database, id)
  expect(letter).toMatchObject({ replayedBy: 'wang', outcome: 'applied', content: bytes })
  expect(letter.replayedAt?.getTime()).toBeGreaterThanOrEqual(from.getTime())
  await expect(replayDeadLetter(deps(), id, 'li')).rejects.toMatchObject({
    code: 'state_conflict',
    message: expect.stringMatching(/was replayed by wang/),
  })
})

test('a letter that fails again is marked, and a new one says why', async () => {
  const poison = startOf('cam-1', 'a\0b')
  const id = await bury(poison)
  const replayed = await replayDeadLetter(deps(), id, 'wang')
  expect(replayed).toMatchObject({ outcome: 'refused', error: expect.stringMatching(/SQLSTATE/) })
  const [waiting, ...more] = await listDeadLetters(database, { replayed: false, limit: 9 })
  expect(more).toEqual([])
  expect(waiting).toMatchObject({ error: replayed.error, bytes: poison.length })
  expect(waiting?.id).not.toBe(id)
  expect((await readDeadLetter(database, waiting?.id ?? '')).content.equals(poison)).toBe(true)
  expect(await readDeadLetter(database, id)).toMatchObject({ replayedBy: 'wang', outcome: 'refused' })
})

test('the database away in the middle: the letter waits on; what was applied already is known the second time', async () => {
  const id = await bury(startOf('cam-1'))
  const applied: MessageReceiver = {
    async receive(messages) {
      await inbox.receive(messages)
      throw new Error('the connection is lost')
    },
  }
  await expect(replayDeadLetter(deps(applied), id, 'wang')).rejects.toThrow('the connection is lost')
  expect(await waitingDeadLetters(database)).toEqual([id])
  expect(await replayDeadLetter(deps(), id, 'wang')).toMatchObject({ outcome: 'applied' })
  expect(await alerts()).toHaveLength(1)
})

test('of two who replay one at once, one does', async () => {
  const id = await bury(startOf('cam-1'))
  const goOn = Promise.withResolvers<void>()
  const inHand = Promise.withResolvers<void>()
  const slow: MessageReceiver = {
    async receive(messages) {
      inHand.resolve()
      await goOn.promise
      return inbox.receive(messages)
    },
  }
  const first = replayDeadLetter(deps(slow), id, 'wang')
  await inHand.promise
  await expect(replayDeadLetter(deps(), id, 'li')).rejects.toThrow(/is being replayed by somebody else/)
  goOn.resolve()
  expect(await first).toMatchObject({ outcome: 'applied' })
})

test('what is not there, and what nobody here takes, is said', async () => {
  await expect(replayDeadLetter(deps(), '12345', 'wang')).rejects.toMatchObject({ code: 'not_found' })
  const id = await bury(Buffer.from('{}'), 'x', 'sensor.readings.v1')
  await expect(replayDeadLetter(deps(), id, 'wang')).rejects.toThrow(/nobody here takes messages of sensor/)
  expect(await waitingDeadLetters(database)).toEqual([id])
})

test('letters of one event are replayed in the order in which they came', async () => {
  const event = hazardEvent()
  const bytes = (kind: 'start' | 'end', seq: number) =>
    Buffer.from(JSON.stringify(hazardMessage(event, { kind, seq })))
  const ids = [await bury(bytes('start', 1)), await bury(bytes('end', 2))]
  expect(await waitingDeadLetters(database)).toEqual(ids)
})

test('the command lists, shows and replays', async () => {
  await using folder = await tempFolder()
  vi.stubEnv('DATABASE_URL', database.url)
  const out: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out.push(String(text))
    return true
  })
  const run = async (...args: string[]) => {
    out.length = 0
    const program = new Command().exitOverride()
    addDeadLetters(program)
    await program.parseAsync(['node', 'sharp-eyes', 'dead-letters', ...args, '--data', folder.path])
    return out.join('')
  }
  const bytes = startOf('cam-1')
  const id = await bury(bytes)
  const poison = await bury(startOf('cam-2', 'a\0b'))
  expect(await run('list')).toMatch(new RegExp(`^${poison}  .*hazard.events.v1.*\n${id}  .*an older version`))
  const shown = JSON.parse(await run('show', '--id', id, '--json')) as { content: string }
  expect(shown.content).toBe(bytes.toString('base64'))
  await expect(run('replay')).rejects.toThrow(/give --id N for one dead letter, or --all/)
  await expect(run('replay', '--all', '--actor', 'wang', '--json')).rejects.toThrow(/1 of 2 failed again/)
  expect(out.map((line) => JSON.parse(line))).toMatchObject([
    { id, outcome: 'applied' },
    { id: poison, outcome: 'refused' },
  ])
  expect(await alerts()).toEqual([{ source_id: 'cam-1' }])
  expect(await run('list', '--replayed')).toMatch(/replayed by wang at .*: applied/)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})
