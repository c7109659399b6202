import { afterAll, beforeAll, expect, test } from 'vitest'
import { toSchedule } from '../../dashboard-api/web/src/cases/use-schedule.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert } from './matters.ts'

let city: TestDashboard
beforeAll(async () => {
  city = await startDashboard()
})
afterAll(() => city[Symbol.asyncDispose]())

test('the page gets the hours and the holidays of the years around, and makes the same schedule of them', async () => {
  const officer = await city.as('officer')
  const answer = await officer.json('/api/working-hours')
  expect(answer).toMatchObject({ timezone: 'Asia/Shanghai', hours: ['09:00-12:00', '13:30-17:30'] })
  const year = new Date().getUTCFullYear()
  for (const day of [...answer.holidays, ...answer.makeUpDays])
    expect(Math.abs(Number(day.slice(0, 4)) - year)).toBeLessThanOrEqual(1)
  const { calendar } = toSchedule({
    ...answer,
    holidays: ['2026-10-01'],
    makeUpDays: ['2026-10-10'],
    years: [2026],
  })
  expect(['2026-10-01', '2026-10-10', '2026-10-11'].map((day) => calendar.isWorkDay(day))).toEqual([
    false,
    true,
    false,
  ])
  expect((await city.browser().get('/api/working-hours')).status).toBe(401)
})

test('a case says in which time its clock runs', async () => {
  const operator = await city.as('operator')
  const { no } = (await (
    await operator.post('/api/cases', { alertId: await insertAlert(city.database) })
  ).json()) as { no: string }
  expect((await operator.json(`/api/cases/${no}`)).due).toMatchObject({
    clock: 'accept',
    time: 'calendar',
    guessedYears: [],
  })
})
