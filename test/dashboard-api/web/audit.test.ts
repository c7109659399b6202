import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CHANGE_TOPICS } from '../../../core/changes.ts'
import { cell } from '../../../dashboard-api/audit/csv.ts'
import { ACTIONS, linkOf, readSearch, toAsk, toParams } from '../../../dashboard-api/web/src/audit/search.ts'
import { authorName } from '../../../dashboard-api/web/src/parts/author-name.ts'
import { zh } from '../../../dashboard-api/web/src/words/zh.ts'

const NOTHING = { who: '', object: '', action: '', from: '', to: '' }

test('the search lives in the URL', () => {
  const search = { ...NOTHING, who: ' lin ', action: 'look.original', to: '2026-11-30' }
  expect(toParams(search).toString()).toBe('who=lin&action=look.original&to=2026-11-30')
  expect(readSearch(toParams(search))).toEqual({ ...search, who: 'lin' })
})

test('days are days of the city, the last one included', () => {
  expect(toAsk({ ...NOTHING, from: '2026-11-30', to: '2026-11-30' }, 'Asia/Shanghai')).toMatchObject({
    from: '2026-11-29T16:00:00.000Z',
    to: '2026-11-30T16:00:00.000Z',
    who: null,
  })
})

test('an entry leads to what it is about', () => {
  expect(linkOf({ topic: 'case', object: '2026-000001' })).toBe('/cases/2026-000001')
  expect(linkOf({ topic: 'look', object: 'alert:a/b' })).toBe('/alerts/a%2Fb')
  for (const [topic, object] of [
    ['look', 'camera:c1'],
    ['look', 'audit'],
    ['config', 'camera:c1'],
    ['case', ''],
  ] as const)
    expect(linkOf({ topic, object })).toBeNull()
})

test('every topic of the log has words, and every choice is one of a topic', () => {
  expect(Object.keys(zh.audit.topics).sort()).toEqual([...CHANGE_TOPICS].sort())
  for (const action of ACTIONS) expect(CHANGE_TOPICS).toContain(action.split('.')[0])
})

test('no text becomes a formula in a spreadsheet', () => {
  for (const text of ['=1+1', '+1', '-1', '@x', '\t=1', ' =1', '\r=1', '＝1'])
    expect(cell(text)).toBe(`"'${text}"`)
  expect(cell('a"b')).toBe('"a""b"')
  fc.assert(fc.property(fc.string(), (text) => !/^"\s*[=+\-@]/.test(cell(text))))
})

test('the machine is named where it made a version; an account that is called like a part of it keeps its name', () => {
  const t = ((key: string) => `[${key}]`) as unknown as Parameters<typeof authorName>[0]
  expect(['start', 'timer', 'route', 'lin'].map((actor) => authorName(t, actor))).toEqual([
    ...['[machine.start]', 'timer', 'route', 'lin'],
  ])
})
