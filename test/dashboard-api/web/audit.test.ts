import fc from 'fast-check'
import { createInstance } from 'i18next'
import { expect, test } from 'vitest'
import { type ActorKind, MACHINE_ACTORS } from '../../../core/actor.ts'
import { CHANGE_TOPICS } from '../../../core/changes.ts'
import { CONFIG_KINDS } from '../../../core/config/objects.ts'
import { cell } from '../../../dashboard-api/audit/csv.ts'
import {
  ACTIONS,
  linkOf,
  OBJECT_KINDS,
  objectOf,
  readSearch,
  toAsk,
  toParams,
} from '../../../dashboard-api/web/src/audit/search.ts'
import { actorName } from '../../../dashboard-api/web/src/parts/actor-name.ts'
import { en } from '../../../dashboard-api/web/src/words/en.ts'
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

test('an object is told by its kind and id; every kind of the configuration is one', () => {
  expect(objectOf('alert:01a2')).toEqual({ kind: 'alert', id: '01a2' })
  expect(objectOf('camera/gate')).toEqual({ kind: 'camera', id: 'gate' })
  expect(objectOf('address:rtsp://10.0.0.8/1')).toEqual({ kind: 'address', id: 'rtsp://10.0.0.8/1' })
  for (const plain of ['2026-000001', 'audit', 'thing:1', 'alert:'])
    expect(objectOf(plain)).toEqual({ kind: null, id: plain })
  expect(OBJECT_KINDS).toEqual(expect.arrayContaining([...CONFIG_KINDS]))
  for (const { audit } of [zh, en])
    expect(Object.keys(audit.objects).sort()).toEqual([...OBJECT_KINDS].sort())
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

test('actors are named in the words of the reader, by their kind and not by their name', async () => {
  const words = createInstance({ fallbackLng: false, interpolation: { escapeValue: false } })
  await words.init({ lng: 'zh', resources: { zh: { translation: zh }, en: { translation: en } } })
  const named = (lng: string, name: string | null, kind: ActorKind) =>
    actorName(words.getFixedT(lng), name, kind)
  expect(named('zh', 'timer', 'machine')).toBe('系统 · 定时')
  expect(named('zh', 'timer', 'person')).toBe('timer')
  expect(named('zh', 'root', 'command_line')).toBe('root（服务器命令行）')
  expect(named('en', 'auto-file:fire', 'machine')).toBe('System · auto-file rule fire')
  expect(named('en', null, 'machine')).toBe('System')
  // Of a newer server.
  expect(named('en', 'robot', 'machine')).toBe('System · robot')
  for (const lng of ['zh', 'en'])
    for (const part of MACHINE_ACTORS) {
      const word = lng === 'zh' ? '系统' : 'System'
      expect(named(lng, part, 'machine')).toMatch(new RegExp(`^${word} · .*[^.]$`))
      expect(named(lng, part, 'machine')).not.toContain('actor.')
    }
  for (const { actor } of [zh, en]) expect(Object.keys(actor.part).sort()).toEqual([...MACHINE_ACTORS].sort())
})
