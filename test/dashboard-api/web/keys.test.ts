import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byTitle, byWords, reachable } from '../../../dashboard-api/web/src/keys/key-groups.ts'
import { type KeyBinding, type KeyPress, matchKey } from '../../../dashboard-api/web/src/keys/match.ts'

const binding = (codes: KeyBinding['codes'], extra: Partial<KeyBinding> = {}): KeyBinding => ({
  codes,
  shown: codes.join(' '),
  words: codes.join('-'),
  run: () => undefined,
  ...extra,
})
const press = (code: string, extra: Partial<KeyPress> = {}): KeyPress => ({
  code,
  shift: false,
  ctrl: false,
  alt: false,
  meta: false,
  repeat: false,
  composing: false,
  editable: false,
  control: false,
  ...extra,
})

const TABLE = [
  binding(['KeyJ'], { repeats: true }),
  binding(['KeyC']),
  binding(['Enter']),
  binding(['Slash'], { shift: true }),
  binding(['KeyG', 'KeyC']),
  binding(['KeyG', 'KeyA']),
  binding(['KeyX'], { enabled: false }),
]
const hit = (p: KeyPress, prefix: string | null = null) => matchKey(TABLE, p, prefix).binding?.words ?? null

describe('a key of the page', () => {
  it('is found by its physical place', () => {
    expect(hit(press('KeyC'))).toBe('KeyC')
    expect(hit(press('Slash', { shift: true }))).toBe('Slash')
    expect(hit(press('Slash'))).toBeNull()
  })

  it('does nothing in a field, in a composition, or with Alt or Meta, whatever it is', () => {
    const flags = fc.constantFrom<Partial<KeyPress>>(
      { editable: true },
      { composing: true },
      { alt: true },
      { meta: true },
    )
    const codes = fc.constantFrom('KeyC', 'KeyJ', 'KeyX', 'KeyG', 'KeyA', 'Enter', 'Slash', 'Digit1')
    fc.assert(
      fc.property(codes, flags, fc.boolean(), fc.constantFrom(null, 'KeyG'), (code, flag, shift, prefix) => {
        expect(matchKey(TABLE, press(code, { ...flag, shift }), prefix)).toEqual({
          binding: null,
          prefix: null,
        })
      }),
    )
  })

  it('held down moves, but judges once', () => {
    expect(hit(press('KeyJ', { repeat: true }))).toBe('KeyJ')
    expect(hit(press('KeyC', { repeat: true }))).toBeNull()
  })

  it('leaves Enter and arrows to a button that has the focus, but not letters', () => {
    expect(hit(press('Enter', { control: true }))).toBeNull()
    expect(hit(press('KeyC', { control: true }))).toBe('KeyC')
  })

  it('that is switched off is no key', () => {
    expect(hit(press('KeyX'))).toBeNull()
  })
})

describe('two keys in a row', () => {
  it('wait for the second and take it before the same single key', () => {
    expect(matchKey(TABLE, press('KeyG'), null)).toEqual({ binding: null, prefix: 'KeyG' })
    expect(hit(press('KeyC'), 'KeyG')).toBe('KeyG-KeyC')
  })

  it('end at a wrong second key, which is then nothing', () => {
    expect(matchKey(TABLE, press('KeyJ'), 'KeyG')).toEqual({ binding: null, prefix: null })
  })

  it('survive a modifier pressed on its own', () => {
    expect(matchKey(TABLE, press('ShiftLeft', { shift: true }), 'KeyG').prefix).toBe('KeyG')
  })
})

describe('tables of a page', () => {
  const table = (title: string, exclusive = false, bindings = [binding(['KeyC'])]) => ({
    title,
    exclusive,
    bindings,
  })

  it('below a question are out of reach', () => {
    const tables = [table('hint'), table('question', true), table('page')]
    expect(reachable(tables).map((t) => t.title)).toEqual(['hint', 'question'])
    expect(reachable([table('a'), table('b')])).toHaveLength(2)
  })

  it('are one group of the help under one title, and nothing bound is missing there', () => {
    const groups = byTitle([
      table('case'),
      table('global'),
      table('case', false, [binding(['KeyE'])]),
      table('none', true, []),
    ])
    expect(groups.map((g) => [g.title, g.bindings.length])).toEqual([
      ['case', 2],
      ['global', 1],
    ])
  })

  it('keys that do the same stand on one line, and apart from one that is off', () => {
    const next = { words: 'next' }
    const lines = byWords([
      binding(['KeyJ'], next),
      binding(['KeyK']),
      binding(['ArrowDown'], next),
      binding(['BracketRight'], { ...next, enabled: false }),
    ])
    expect(lines.map((line) => line.map(({ shown }) => shown))).toEqual([
      ['KeyJ', 'ArrowDown'],
      ['KeyK'],
      ['BracketRight'],
    ])
  })
})
