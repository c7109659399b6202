import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readLog } from '../../alerts/cases/store.ts'
import { replay } from '../../core/case/evolve.ts'
import type { CaseFacts } from '../../core/case/state.ts'
import { insertAlert, notifications, openCases, photo, STAFF, toCheck } from './cases-fixture.ts'

const { operator, lead, assist, foreign, verifier } = STAFF
let house: Awaited<ReturnType<typeof openCases>>
beforeAll(async () => {
  house = await openCases()
})
afterAll(() => house[Symbol.asyncDispose]())

const snapshot = async (no: string): Promise<CaseFacts> => {
  const { rows } = await house.database.query<{ body: CaseFacts }>('select body from cases where no = $1', [
    no,
  ])
  const [row] = rows
  if (!row) throw new Error(`no case ${no}`)
  return row.body
}
const kinds = async (no: string) => (await readLog(house.database, no)).map(({ kind }) => kind)

describe('filing', () => {
  test('by the route: two entries, dispatched, told, clocked, confirmed, and all in one change', async () => {
    const { database, commands, sent, time } = house
    time.now = Date.parse('2026-12-31T16:30:00Z') // the city's new year has begun
    const alertId = await insertAlert(database)
    sent.length = 0
    const filed = await commands.file({ alertId, note: 'look' }, operator)
    expect(filed).toEqual({ no: '2027-000001', state: 'pending_accept', version: 2 })
    expect(await kinds(filed.no)).toEqual(['file', 'dispatch'])
    const facts = await snapshot(filed.no)
    expect(facts).toMatchObject({
      lead: 'ecology',
      assist: ['market'],
      camera: 'works',
      purpose: 'environment',
      place: { grid: '130104-017' },
      limits: { accept: 3_600_000, handle: 36_000_000, check: 18_000_000 },
    })
    const alert = await database.query(
      'select case_no, verdict, verdict_by, version from alerts where id = $1',
      [alertId],
    )
    expect(alert.rows).toEqual([
      { case_no: filed.no, verdict: 'confirmed', verdict_by: 'centre.duty', version: 2 },
    ])
    const told = await notifications(database, filed.no)
    expect(told.map(({ step, department, state }) => `${step} ${department} ${state}`)).toEqual([
      'filed ecology queued',
      'filed market queued',
    ])
    expect(told[0]?.payload).toMatchObject({
      type: 'case.filed',
      data: {
        case: filed.no,
        alert: alertId,
        verified: true,
        part: 'lead',
        camera: { id: 'works', name: { en: 'Chimney 3' } },
        links: { case: `https://eyes.example/cases/${filed.no}` },
      },
    })
    expect(sent.map(({ data, at }) => ({ ...data, in: at - time.now }))).toEqual([
      { no: filed.no, round: 1, clock: 'accept', action: 'reminder', in: 2_880_000 },
      { no: filed.no, round: 1, clock: 'accept', action: 'overdue', in: 3_600_000 },
    ])
    const changes = await database.query<{ topic: string; payload: object }>(
      "select topic, payload from changes where topic <> 'config' order by id",
    )
    expect(changes.rows.map(({ topic }) => topic).sort()).toEqual([
      'alert',
      'case',
      'notification',
      'notification',
    ])
    expect(changes.rows.find(({ topic }) => topic === 'case')?.payload).toMatchObject({
      departments: ['ecology', 'market'],
      state: 'pending_accept',
    })
  })

  test('once per alert, not after a rejection, by operators only, and refusals take no number', async () => {
    const { database, commands } = house
    const alertId = await insertAlert(database)
    const { no } = await commands.file({ alertId }, operator)
    const rejected = await insertAlert(database, { verdict: 'rejected' })
    await expect(commands.file({ alertId }, operator)).rejects.toMatchObject({
      code: 'state_conflict',
      details: { no },
    })
    await expect(commands.file({ alertId: rejected }, operator)).rejects.toMatchObject({
      code: 'state_conflict',
    })
    await expect(commands.file({ alertId: crypto.randomUUID() }, operator)).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(commands.file({ nonsense: 1 }, lead)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(commands.file({ nonsense: 1 }, operator)).rejects.toMatchObject({ code: 'invalid' })
    const next = await commands.file({ type: 'litter', place: '河边', note: 'bags' }, operator)
    expect(Number(next.no.slice(5))).toBe(Number(no.slice(5)) + 1)
    expect(await snapshot(next.no)).toMatchObject({ lead: 'water', severity: 4, place: { address: '河边' } })
  })

  test('eight at once about one alert: one case; eight alerts at once: numbers without a gap', async () => {
    const { database, commands } = house
    const alertId = await insertAlert(database)
    const same = await Promise.allSettled(
      Array.from({ length: 8 }, () => commands.file({ alertId }, operator)),
    )
    expect(same.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const ids = await Promise.all(Array.from({ length: 8 }, () => insertAlert(database)))
    const filed = await Promise.all(ids.map((id) => commands.file({ alertId: id }, operator)))
    const numbers = filed.map(({ no }) => Number(no.slice(5))).sort((a, b) => a - b)
    expect(numbers.map((n) => n - (numbers[0] ?? 0))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })
})

describe('commands', () => {
  test('from acceptance to closing, and the log gives the snapshot', async () => {
    const { database, commands, sent, time } = house
    const no = await toCheck(commands, await insertAlert(database))
    await commands.execute(no, { kind: 'verify', version: 4, passed: false, note: 'no' }, verifier)
    const proof = await commands.attach(no, photo('b'), lead)
    expect(await commands.attach(no, photo('b'), lead)).toEqual(proof)
    await commands.execute(no, { kind: 'report', version: 5, note: 'again', attachments: [proof.id] }, lead)
    time.now += 1_000
    const seen = await commands.attach(no, photo('c'), verifier)
    // The officer's picture once more, by another person: the same attachment, and the log says who else brought it.
    expect(await commands.attach(no, photo('b'), verifier)).toEqual(proof)
    expect(await commands.attach(no, photo('b'), verifier)).toEqual(proof)
    sent.length = 0
    await commands.execute(
      no,
      { kind: 'verify', version: 6, passed: true, note: 'ok', attachments: [seen.id] },
      verifier,
    )
    expect(sent).toEqual([])
    expect(await commands.execute(no, { kind: 'close', version: 7, reason: 'fixed' }, operator)).toEqual({
      no,
      state: 'closed',
      version: 8,
    })
    expect(await kinds(no)).toEqual([
      'file',
      'dispatch',
      'accept',
      'attachment',
      'report',
      'verify',
      'rework',
      'attachment',
      'report',
      'attachment',
      'attachment',
      'verify',
      'close',
    ])
    expect(replay(await readLog(database, no))).toEqual(await snapshot(no))
    const steps = (await notifications(database, no)).map(({ step }) => step)
    expect(steps).toEqual(['filed', 'filed', 'rework:1'])
    await expect(commands.attach(no, photo('d'), operator)).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('eight commands with one version: one wins, the others hear the current state', async () => {
    const { database, commands } = house
    const { no } = await commands.file({ alertId: await insertAlert(database) }, operator)
    const race = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) =>
        i % 2 === 0
          ? commands.execute(no, { kind: 'accept', version: 2 }, lead)
          : commands.execute(no, { kind: 'return', version: 2, reason: 'not ours' }, lead),
      ),
    )
    expect(race.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const { state } = await snapshot(no)
    for (const lost of race.filter((result) => result.status === 'rejected')) {
      expect(lost.reason).toMatchObject({ code: 'version_conflict', details: { version: 3, state } })
    }
    expect(await kinds(no)).toHaveLength(3)
  })

  test("another department's case is not there, an assisting one sees it and does not move it", async () => {
    const { database, commands } = house
    const { no } = await commands.file({ alertId: await insertAlert(database) }, operator)
    const accept = { kind: 'accept', version: 2 } as const
    await expect(commands.execute(no, accept, foreign)).rejects.toMatchObject({ code: 'not_found' })
    await expect(commands.execute('2026-999999', accept, operator)).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(commands.execute(no, accept, assist)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(commands.attach(no, photo('e'), foreign)).rejects.toMatchObject({ code: 'not_found' })
    await expect(commands.attach(no, photo('e'), verifier)).rejects.toMatchObject({ code: 'forbidden' })
    await commands.attach(no, photo('e'), assist)
  })

  test('a NUL in a note is invalid, and the case is as it was', async () => {
    const { database, commands } = house
    const { no } = await commands.file({ alertId: await insertAlert(database) }, operator)
    const command = { kind: 'void', version: 2, reason: 'bad\0text' }
    await expect(commands.execute(no, command, operator)).rejects.toMatchObject({ code: 'invalid' })
    expect((await snapshot(no)).version).toBe(2)
  })

  test('a voided case makes room for another; then it cannot come back', async () => {
    const { database, commands } = house
    const alertId = await insertAlert(database)
    const first = await commands.file({ alertId }, operator)
    await commands.execute(first.no, { kind: 'void', version: 2, reason: 'wrong' }, operator)
    const second = await commands.file({ alertId }, operator)
    const reopen = { kind: 'reopen', version: 3, reason: 'after all' } as const
    await expect(commands.execute(first.no, reopen, operator)).rejects.toMatchObject({
      code: 'state_conflict',
      details: { no: second.no },
    })
    await commands.execute(second.no, { kind: 'void', version: 2, reason: 'wrong' }, operator)
    expect(await commands.execute(first.no, reopen, operator)).toMatchObject({ state: 'pending_dispatch' })
  })

  test('when something fails in the middle nothing of the command is there', async () => {
    const { database, commands } = house
    const { no } = await commands.file({ alertId: await insertAlert(database) }, operator)
    const before = await database.query('select count(*)::int as n from changes')
    // The clock of `handling` needs a job: a queue that refuses it stands for any failure after the first write.
    house.jobs.send = () => Promise.reject(new Error('queue away'))
    await expect(commands.execute(no, { kind: 'accept', version: 2 }, lead)).rejects.toThrow('queue away')
    expect(await snapshot(no)).toMatchObject({ state: 'pending_accept', version: 2 })
    expect(await kinds(no)).toEqual(['file', 'dispatch'])
    expect((await database.query('select count(*)::int as n from changes')).rows).toEqual(before.rows)
    house.jobs.send = async (_tx, queue, data, at) => {
      house.sent.push({ queue, data, at })
    }
  })
})
