import { describe, expect, it } from 'vitest'
import type { Role } from '../../../core/actor.ts'
import { caseCommandSchema } from '../../../core/case/command.ts'
import { scheduleOf } from '../../../core/case/schedule-of.ts'
import { CASE_COMMANDS, CASE_STATES } from '../../../core/case/words.ts'
import type { CaseDetail, CaseItem } from '../../../dashboard-api/web/src/api/types.ts'
import {
  buildCommand,
  EMPTY_DRAFT,
  type MoveDraft,
  missing,
  photoNeed,
} from '../../../dashboard-api/web/src/cases/move-draft.ts'
import { comparedPictures } from '../../../dashboard-api/web/src/cases/pictures-of.ts'
import { OPEN_STATES, readCaseStates } from '../../../dashboard-api/web/src/cases/states.ts'
import { STEPS, stepOf } from '../../../dashboard-api/web/src/cases/steps.ts'
import { byTimeLeft, formatWorking, timeLeft } from '../../../dashboard-api/web/src/cases/time-left.ts'
import { readGroup } from '../../../dashboard-api/web/src/departments/groups.ts'

const NOW = Date.parse('2026-05-03T02:00:00Z')
const HOUR = 3_600_000
const due = (clock: 'accept' | 'handle' | 'check' | 'review', inMs: number) => ({
  clock,
  at: new Date(NOW + inMs).toISOString(),
  time: 'calendar' as const,
  guessedYears: [],
})
const schedule = scheduleOf({ timezone: 'Asia/Shanghai' })

describe('the time a case has', () => {
  it('is left, due soon by the clock that runs, or overdue', () => {
    expect(timeLeft(null, NOW, null)).toEqual({ kind: 'none' })
    expect(timeLeft(due('accept', HOUR), NOW, null)).toEqual({ kind: 'left', ms: HOUR })
    expect(timeLeft(due('handle', HOUR), NOW, null)).toEqual({ kind: 'soon', ms: HOUR })
    expect(timeLeft(due('handle', -2 * HOUR), NOW, null)).toEqual({ kind: 'overdue', ms: 2 * HOUR })
  })

  it('in working time counts what the office is open, and says so in work days', () => {
    const friday = Date.parse('2026-11-27T09:00:00Z') // 17:00 in the city
    const monday: NonNullable<CaseItem['due']> = {
      clock: 'handle',
      at: '2026-11-30T02:00:00.000Z',
      time: 'working',
      guessedYears: [],
    }
    expect(timeLeft(monday, friday, schedule)).toEqual({ kind: 'soon', ms: 1.5 * HOUR })
    expect(timeLeft(monday, friday, null)).toEqual({ kind: 'unknown' })
    const night = Date.parse('2026-11-30T15:00:00Z')
    expect(timeLeft(monday, night, schedule)).toEqual({ kind: 'overdue', ms: 6 * HOUR })
    expect(timeLeft({ ...monday, at: '2026-11-30T09:30:00.000Z' }, night, schedule)).toEqual({
      kind: 'overdue',
      ms: 0,
    })
    expect(formatWorking(3.2 * HOUR, schedule.dayMs, 'zh-CN')).toBe('3 小时 12 分')
    expect(formatWorking(17 * HOUR, schedule.dayMs, 'zh-CN')).toBe('2 个工作日 3 小时')
    expect(formatWorking(7 * HOUR, schedule.dayMs, 'en')).toBe('1 work day')
  })
})

const item = (no: string, when: CaseItem['due'], filedAt = '2026-05-01T00:00:00.000Z') =>
  ({ no, due: when, filedAt }) as CaseItem

describe('a list by time left', () => {
  it('has the longest overdue first, and those without a clock last and newest first', () => {
    const cases = [
      item('none-old', null, '2026-05-01T00:00:00.000Z'),
      item('later', due('handle', 9 * HOUR)),
      item('overdue', due('handle', -HOUR)),
      item('none-new', null, '2026-05-02T00:00:00.000Z'),
      item('long-overdue', due('accept', -9 * HOUR)),
    ]
    expect(byTimeLeft(cases).map((each) => each.no)).toEqual([
      'long-overdue',
      'overdue',
      'later',
      'none-new',
      'none-old',
    ])
  })
})

describe('the page of a department', () => {
  const group = (text: string, role: Role) => readGroup(new URLSearchParams(text), { roles: [role] })
  it('begins with all for an officer and with what is to verify for a verifier, and obeys the URL', () => {
    expect(group('', 'officer')).toBeNull()
    expect(group('', 'verifier')).toBe('check')
    expect(group('group=all', 'verifier')).toBeNull()
    expect(group('group=soon', 'officer')).toBe('soon')
    expect(group('group=nonsense', 'officer')).toBeNull()
  })
})

describe('before and after', () => {
  const file = (id: string, at: string, by = 'officer') => ({ id, at, by, name: `${id}.jpg` })
  const detail = (more: object) =>
    ({ no: '2026-000001', alert: null, attachments: [], log: [], ...more }) as unknown as CaseDetail
  it('are the alert and the photo of the last report; a photo of afterwards is never before', () => {
    const alert = { id: 'a', still: 'ready', startedAt: '2026-05-01T00:00:00Z' }
    const log = [
      { kind: 'report', at: '2026-05-02T00:00:00Z', data: { attachments: ['p1'] } },
      { kind: 'report', at: '2026-05-03T00:00:00Z', data: { attachments: ['p2'] } },
    ]
    const attachments = [file('p1', '2026-05-01T09:00:00Z'), file('p2', '2026-05-02T09:00:00Z')]
    const both = comparedPictures(detail({ alert, log, attachments }))
    expect(both.before?.by).toBeNull()
    expect(both.after?.url).toContain('p2')
    expect(comparedPictures(detail({ log, attachments })).before?.url).toContain('p1')
    const proof = [file('p2', '2026-05-02T09:00:00Z'), file('p3', '2026-05-03T09:00:00Z', 'grid')]
    expect(comparedPictures(detail({ log, attachments: proof })).before).toBeNull()
    expect(comparedPictures(detail({}))).toEqual({ before: null, after: null })
  })
})

describe('the photo that a move needs', () => {
  const at = (minute: number) => `2026-05-02T00:0${minute}:00Z`
  const detail = (more: object) =>
    ({
      log: [{ kind: 'report', at: at(1), data: {} }],
      attachments: [
        { id: 'early', by: 'grid', at: at(0) },
        { id: 'officers', by: 'officer', at: at(2) },
        { id: 'own', by: 'grid', at: at(2) },
      ],
      recheck: null,
      extensionCount: 0,
      ...more,
    }) as unknown as CaseDetail
  it("is the verifier's own and newer than the report, unless the machine has seen nothing", () => {
    const need = (attachments: string[], more = {}) =>
      photoNeed('verify', { attachments }, detail(more), 'grid')
    expect(need(['own'])).toBeNull()
    expect([need([]), need(['early']), need(['officers'])]).toEqual(['photo', 'photo', 'photo'])
    expect(need([], { recheck: { result: 'not_seen' } })).toBeNull()
    expect(need([], { recheck: { result: 'watching' } })).toBe('photo')
    const draft = { ...EMPTY_DRAFT, words: 'seen', answer: true }
    expect(missing('verify', draft, 'photo')).toBe('proof')
    expect(missing('verify', { ...draft, answer: false }, 'photo')).toBeNull()
  })
  it('is the stamped application for a second extension', () => {
    expect(photoNeed('extend', { attachments: [] }, detail({}), 'x')).toBeNull()
    expect(photoNeed('extend', { attachments: [] }, detail({ extensionCount: 1 }), 'x')).toBe('application')
  })
})

describe('the form of a move', () => {
  const full: MoveDraft = {
    words: '  已清运  ',
    department: 'ecology',
    assist: ['urban'],
    answer: true,
    until: '2026-06-01 10:00',
    timezone: 'Asia/Shanghai',
    attachments: ['018f7a52-6f0b-7c3e-9d0a-3c1f5b7a9e01'],
  }

  it.each(CASE_COMMANDS)('%s, filled in, is what the server takes', (kind) => {
    expect(missing(kind, full)).toBeNull()
    const command = buildCommand(kind, 3, full)
    expect(caseCommandSchema.parse(command)).toEqual(command)
  })

  it.each(CASE_COMMANDS.filter((kind) => kind !== 'accept' && kind !== 'resume'))(
    '%s, empty, says what is missing and cannot be sent',
    (kind) => {
      const gap = missing(kind, EMPTY_DRAFT)
      expect(gap).not.toBeNull()
      expect(() => buildCommand(kind, 3, EMPTY_DRAFT)).toThrow(`lacks ${gap}`)
    },
  )

  it('sends a time of the city as UTC, and a report only with a photo', () => {
    expect(buildCommand('extend', 3, full)).toMatchObject({
      until: '2026-06-01T02:00:00.000Z',
      reason: '已清运',
    })
    expect(missing('report', { ...full, attachments: [] })).toBe('photos')
    expect(missing('close', { ...full, words: '  ' })).toBe('words')
  })
})

describe('states', () => {
  it('each stand at a step of the way', () => {
    for (const state of CASE_STATES) expect(stepOf(state).index).toBeLessThanOrEqual(STEPS.length)
    expect(STEPS[stepOf('handling').index]).toBe('handle')
    expect(stepOf('closed').ended).toBe(true)
  })

  it('of the URL are known ones or the open ones', () => {
    expect(OPEN_STATES).toHaveLength(CASE_STATES.length - 2)
    expect(readCaseStates(new URLSearchParams('state=closed,nonsense'))).toEqual(['closed'])
    expect(readCaseStates(new URLSearchParams('state=nonsense'))).toBeNull()
  })
})
