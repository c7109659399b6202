import { expect, test } from 'vitest'
import { mailOf } from '../../alerts/channels/email-text.ts'
import { insertAlert, notifications, openCases, photo, STAFF, toCheck } from './cases-fixture.ts'

const { operator, lead, verifier } = STAFF

test('every message that a case sends in its life can be told by mail, with its deadline', async () => {
  await using house = await openCases()
  const { database, commands, handlers, sent, time } = house
  const no = await toCheck(commands, await insertAlert(database))
  const version = async () => {
    const { rows } = await database.query<{ version: number }>(
      "select (body ->> 'version')::int as version from cases where no = $1",
      [no],
    )
    return rows[0]?.version ?? 0
  }
  const { id } = await commands.attach(no, photo('b'), verifier)
  const failed = { kind: 'verify', passed: false, note: '未清理', attachments: [id] } as const
  await commands.execute(no, { ...failed, version: await version() }, verifier)
  await commands.execute(
    no,
    { kind: 'extend', version: await version(), reason: '雨天', until: later() },
    lead,
  )
  const refusal = { kind: 'decide', granted: false, reason: '不同意延期' } as const
  await commands.execute(no, { ...refusal, version: await version() }, operator)
  for (const { queue, data } of sent)
    if (queue === 'case-clock')
      await handlers['case-clock'](data as Parameters<(typeof handlers)['case-clock']>[0])
  await commands.execute(no, { kind: 'void', version: await version(), reason: '重复立案' }, operator)

  const told = await notifications(database, no)
  expect(new Set(told.map(({ payload }) => payload.type))).toEqual(
    new Set(['case.filed', 'case.rework', 'case.reminder', 'case.overdue', 'case.decided', 'case.voided']),
  )
  for (const { payload } of told) {
    const mail = mailOf(payload, 'Asia/Shanghai')
    expect(mail, payload.type).not.toBeNull()
    expect(mail?.subject).toContain(no)
    if (payload.data.due) expect(mail?.text, payload.type).toContain('时限：')
  }
  expect(told.some(({ payload }) => payload.data.due)).toBe(true)

  function later(): string {
    return new Date(time.now + 30 * 3_600_000).toISOString()
  }
})
