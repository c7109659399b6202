import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import i18next from 'i18next'
import { describe, expect, it } from 'vitest'
import { ROLES } from '../../../core/actor.ts'
import { ALERT_STATES, REJECT_REASONS, VERDICTS } from '../../../core/alert.ts'
import { SCHEMA_RULES } from '../../../core/api/schema-fault.ts'
import { ATTENTION_REASONS } from '../../../core/attention.ts'
import { MOVE_REFUSALS } from '../../../core/case/rights.ts'
import { CASE_CLOCKS, CASE_COMMANDS } from '../../../core/case/words.ts'
import { PURPOSES } from '../../../core/catalogue.ts'
import { ERROR_TABLE } from '../../../core/errors.ts'
import { en } from '../../../dashboard-api/web/src/words/en.ts'
import { plural } from '../../../dashboard-api/web/src/words/plural.ts'
import { zh } from '../../../dashboard-api/web/src/words/zh.ts'

const SOURCES = join(import.meta.dirname, '../../../dashboard-api/web/src')

function flatten(tree: object, prefix = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of Object.entries(tree)) {
    const key = prefix ? `${prefix}.${name}` : name
    if (typeof value === 'string') found.set(key, value)
    else for (const [inner, text] of flatten(value as object, key)) found.set(inner, text)
  }
  return found
}

const chinese = flatten(zh)
const english = flatten(en)
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort()

describe('the two dictionaries', () => {
  it('have the same keys', () => {
    expect(chinese.size).toBeGreaterThan(300)
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort())
  })

  it('have no part that covers a part of another file', async () => {
    for (const language of ['zh', 'en']) {
      const folder = join(SOURCES, 'words', language)
      const parts: Record<string, object>[] = await Promise.all(
        readdirSync(folder).map((file) => import(join(folder, file))),
      )
      const names = parts.flatMap((part) => Object.values(part).flatMap((words) => Object.keys(words)))
      expect(names.length).toBeGreaterThan(20)
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    }
  })

  it('have no empty text', () => {
    const empty = [...chinese, ...english].filter(([, text]) => text.trim() === '').map(([key]) => key)
    expect(empty).toEqual([])
  })

  it('name the same values in each text', () => {
    const different = [...chinese.keys()].filter(
      (key) => placeholders(chinese.get(key) ?? '').join() !== placeholders(english.get(key) ?? '').join(),
    )
    expect(different).toEqual([])
  })

  it('have both forms of a word beside its number, and know the number', async () => {
    const words = i18next.createInstance()
    await words.init({ lng: 'en', resources: {}, interpolation: { escapeValue: false } })
    words.services.formatter?.add('plural', plural)
    words.addResourceBundle('en', 'translation', en)
    expect([0, 1, 2].map((n) => words.t('ruleDesk.points', { n }))).toEqual([
      '0 points',
      '1 point',
      '2 points',
    ])
    const counted = [...english].filter(([, text]) => text.includes('plural'))
    expect(counted.length).toBeGreaterThan(20)
    const wrong = counted.filter(([, text]) =>
      [...text.matchAll(/\{\{(\w+),[^}]*\}\}/g)].some(
        ([form, value = '']) =>
          !placeholders(text).includes(value) ||
          !/, plural\(one: [^;(),]+; other: [^;(),]+\)\}\}$/.test(form),
      ),
    )
    expect(wrong).toEqual([])
    expect([...chinese].filter(([, text]) => text.includes('plural'))).toEqual([])
  })

  it('are in their language', () => {
    const han = /\p{Script=Han}/u
    expect([...english].filter(([, text]) => han.test(text)).map(([key]) => key)).toEqual([])
    const plain = [...chinese].filter(([, text]) => !han.test(text)).map(([key]) => key)
    expect(plain).toEqual(['part.kafka'])
  })

  it('use no exclamation mark and no empty phrase', () => {
    const loud = [...chinese, ...english].filter(([, text]) => /[!！]|系统繁忙|操作失败/.test(text))
    expect(loud).toEqual([])
  })
})

describe('the keys that the pages use', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.tsx?$/.test(file),
  )
  const pages = files.filter((file) => !file.startsWith('words'))

  it('exist, each one', () => {
    expect(pages.length).toBeGreaterThan(50)
    const used = new Set<string>()
    for (const file of pages) {
      const text = readFileSync(join(SOURCES, file), 'utf8')
      for (const match of text.matchAll(/\bt\(\s*'([\w.]+)'/g)) used.add(match[1] as string)
      for (const match of text.matchAll(/\bt\([^'()]*\? '([\w.]+)' : '([\w.]+)'/g)) {
        used.add(match[1] as string)
        used.add(match[2] as string)
      }
      for (const match of text.matchAll(/words: '([\w]+\.[\w.]+)'|useKeys\(\s*'([\w.]+)'/g)) {
        used.add((match[1] ?? match[2]) as string)
      }
    }
    expect(used.size).toBeGreaterThan(150)
    expect([...used].filter((key) => !chinese.has(key))).toEqual([])
  })

  it('need no plural of i18next, which the Chinese source has not', () => {
    const counted = pages.filter((file) =>
      /\bt\([^)]*\{ count:/.test(readFileSync(join(SOURCES, file), 'utf8')),
    )
    expect(counted).toEqual([])
  })
})

describe('the families of words that the contract names', () => {
  const complete = (family: string, members: readonly string[]) =>
    expect(members.filter((member) => !chinese.has(`${family}.${member}`))).toEqual([])

  it.each([
    ['alertState', ALERT_STATES],
    ['verdict', [...VERDICTS, 'none']],
    ['reject', REJECT_REASONS],
    ['role', ROLES],
    ['purpose', PURPOSES],
    ['clockName', CASE_CLOCKS],
    ['move', CASE_COMMANDS],
    ['moveHint', CASE_COMMANDS],
    ['log', CASE_COMMANDS],
    ['refusal', Object.keys(MOVE_REFUSALS)],
    ['picture', ['ready', 'pending', 'failed', 'expired', 'none']],
    ['clip', ['ready', 'pending', 'failed', 'expired', 'none']],
    ['cameraState', ['connecting', 'online', 'stalled', 'offline', 'unassigned']],
    ['partStatus', ['ok', 'degraded', 'down', 'not_built']],
    ['schemaFault', SCHEMA_RULES],
    ['attention.why', Object.keys(ATTENTION_REASONS)],
    ['notification.state', ['queued', 'sending', 'sent', 'dead', 'cancelled']],
  ] as const)('%s is complete', (family, members) => complete(family, members))

  it('has a way out for every failure that a browser can meet', () => {
    const never = ['config_invalid', 'credentials_refused', 'source_invalid', 'model_invalid', 'model_failed']
    const inside = ['spool_full', 'port_taken', 'dependency_missing']
    const met = Object.keys(ERROR_TABLE).filter((code) => ![...never, ...inside].includes(code))
    complete('problem', met)
  })
})
