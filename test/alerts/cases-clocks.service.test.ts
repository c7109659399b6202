import { afterAll, beforeAll, expect, test } from 'vitest'
import { readLog } from '../../alerts/cases/store.ts'
import { replay } from '../../core/case/evolve.ts'
import type { CaseFacts } from '../../core/case/state.ts'
import { cityText, insertAlert, openCases, photo, STAFF } from './cases-fixture.ts'

const { operator, lead, verifier } = STAFF
const HOUR = 3_600_000
const at = (text: string) => Date.parse(`${text.replace(' ', 'T')}:00+08:00`)
const shown = (ms: number | undefined) =>
  ms === undefined ? null : new Date(ms + 8 * HOUR).toISOString().slice(0, 16).replace('T', ' ')

let house: Awaited<ReturnType<typeof openCases>>
beforeAll(async () => {
  house = await openCases(
    cityText()
      .replace('accept: 1h, handle: 10h', 'clock: working, accept: 2h, handle: 1d')
      .replace('check: 5h', 'check: 3h'),
  )
})
afterAll(() => house[Symbol.asyncDispose]())

const facts = async (no: string): Promise<CaseFacts> => {
  const { rows } = await house.database.query<{ body: CaseFacts }>('select body from cases where no = $1', [
    no,
  ])
  return rows[0]?.body as CaseFacts
}
const due = async (no: string) => shown((await facts(no)).clock?.dueAt)

test('clocks of severity 3 run in working time through every move, and the log tells each deadline', async () => {
  const { commands, time, sent, database } = house
  time.now = at('2026-11-27 17:00') // a Friday, half an hour before the office closes
  sent.length = 0
  const { no } = await commands.file({ alertId: await insertAlert(database, { severity: 3 }) }, operator)
  expect(await due(no)).toBe('2026-11-30 10:30')
  // 80 % of two hours: 24 minutes before the deadline, not some time on Sunday.
  expect(sent.map(({ data, at: when }) => [(data as { action: string }).action, shown(when)])).toEqual([
    ['reminder', '2026-11-30 10:06'],
    ['overdue', '2026-11-30 10:30'],
  ])
  time.now = at('2026-11-30 10:00')
  await commands.execute(no, { kind: 'accept', version: 2 }, lead)
  expect(await due(no)).toBe('2026-12-01 10:00')

  // Parked with four hours left; taken up again in the evening they run from the next morning.
  time.now = at('2026-11-30 14:30')
  await commands.execute(
    no,
    { kind: 'suspend', version: 3, reason: 'rain', until: new Date(at('2026-12-04 20:00')).toISOString() },
    operator,
  )
  expect((await facts(no)).handleLeftMs).toBe(4 * HOUR)
  time.now = at('2026-12-04 20:00')
  await commands.execute(no, { kind: 'resume', version: 4 }, { kind: 'machine', name: 'timer' })
  expect(await due(no)).toBe('2026-12-07 14:30')

  // An extension until a Sunday ends when the office opens.
  await commands.execute(
    no,
    { kind: 'extend', version: 5, reason: 'parts', until: new Date(at('2026-12-13 12:00')).toISOString() },
    lead,
  )
  await commands.execute(no, { kind: 'decide', version: 6, granted: true, reason: 'ok' }, operator)
  expect(await due(no)).toBe('2026-12-14 09:00')

  const { id } = await commands.attach(no, photo('a'), lead)
  await commands.execute(no, { kind: 'report', version: 7, note: 'done', attachments: [id] }, lead)
  expect(await due(no)).toBe('2026-12-07 12:00')
  await commands.execute(no, { kind: 'verify', version: 8, passed: false, note: 'no' }, verifier)
  expect(await due(no)).toBe('2026-12-07 17:30')

  const log = await readLog(database, no)
  expect(replay(log)).toEqual(await facts(no))
  expect(log.find(({ kind }) => kind === 'accept')?.data).toMatchObject({
    due: '2026-12-01T02:00:00.000Z',
    time: 'working',
  })
})

test('severity 2 of the same route runs on in the night', async () => {
  const { commands, time, database } = house
  time.now = at('2026-11-27 22:00')
  const { no } = await commands.file({ alertId: await insertAlert(database) }, operator)
  expect(await due(no)).toBe('2026-11-28 00:00')
  expect((await facts(no)).clock?.time).toBe('calendar')
})
