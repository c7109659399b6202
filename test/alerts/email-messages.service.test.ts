import { expect, test } from 'vitest'
import { mailOf } from '../../alerts/channels/email-text.ts'
import { readSensorOf } from '../../alerts/routing/city.ts'
import { cityText, insertAlert, notifications, openCases, photo, STAFF, toCheck } from './cases-fixture.ts'

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

test("a sensor's message tells factor, value, limit and unit, in the payload and in the mail", async () => {
  await using house = await openCases(
    `${cityText()}
sensors:
  - { id: pm-017, source: mqtt, topic: pm/017, factor: a34004, unit: ug/m3, limit: { above: 150, for: 10m, clear: 120 } }
`,
  )
  const { database, commands } = house
  const alertId = await insertAlert(database, { type: 'exceedance', severity: 3 })
  const cause = {
    type: 'exceedance',
    measured: { value: 182.5, peak: 210, lastedMs: 1 },
    thresholds: { above: 150, clear: 120, forMs: 1 },
  }
  await database.query(
    "update alerts set source_kind = 'sensor', source_id = 'pm-017', cause = $2 where id = $1",
    [alertId, JSON.stringify(cause)],
  )
  const { no } = await commands.file({ alertId }, operator)
  const [told] = await notifications(database, no)
  expect(told?.payload.data.sensor).toEqual({
    id: 'pm-017',
    name: { zh: 'pm-017', en: 'pm-017' },
    measured: {
      factor: 'a34004',
      factorName: { zh: 'PM2.5', en: 'PM2.5' },
      value: 182.5,
      peak: 210,
      limit: { above: 150 },
      unit: 'ug/m3',
    },
  })
  const text = mailOf(told?.payload, 'Asia/Shanghai')?.text
  expect(text).toContain(
    '监测因子：PM2.5（a34004）\n监测值：182.5 ug/m3（峰值 210 ug/m3）\n限值：不高于 150 ug/m3',
  )
  // Of a fault there is nothing to compare.
  await database.query(
    'update alerts set cause = \'{"type":"sensor_fault","measured":{"silentMs":5}}\' where id = $1',
    [alertId],
  )
  expect(await readSensorOf(database, alertId)).toMatchObject({ id: 'pm-017', measured: null })
})
