import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { probeBody } from '../../../core/api/camera-setup.ts'
import { askOriginalBody } from '../../../core/api/originals.ts'
import { schemaFault } from '../../../core/api/schema-fault.ts'
import { ATTENTION_REASONS, because } from '../../../core/attention.ts'
import { PULL_CAUSES } from '../../../core/camera-setup.ts'
import { cameraSchema } from '../../../core/config/city.ts'
import { schemaFaults } from '../../../core/config/parse.ts'
import { sensorSchema } from '../../../core/config/sensor.ts'
import { durationSchema, idSchema } from '../../../core/config/shared.ts'
import { ERROR_TABLE } from '../../../core/errors.ts'
import { factsOf, wordedFaults } from '../../../dashboard-api/web/src/parts/problem-facts.ts'
import { toldKeys } from '../../../dashboard-api/web/src/parts/told-keys.ts'
import { en } from '../../../dashboard-api/web/src/words/en.ts'
import { zh } from '../../../dashboard-api/web/src/words/zh.ts'

const ROOT = join(import.meta.dirname, '../../..')
const sources = (folder: string) =>
  readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'))
const codesIn = (folder: string, pattern: RegExp) =>
  sources(folder).flatMap((text) => [...text.matchAll(pattern)].map((match) => match.slice(1)))
const codesOf = (folder: string, pattern: RegExp) =>
  sources(folder).flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''))
/** What words name in braces. */
const named = (text = '', pattern = /\{\{(\w+)\}\}/g) =>
  [...text.matchAll(pattern)].map(([, name = '']) => name).sort()

describe('what the server tells by a code has words', () => {
  it('for each trouble of a camera', () => {
    const codes = Object.keys(ERROR_TABLE).filter((code) => code.startsWith('camera_'))
    const causes = PULL_CAUSES.map((cause) => `camera_unreachable_${cause}`)
    const told = [
      ...codesOf('app/worker', /told\('(\w+)'/g),
      ...codesOf('dashboard-api/cameras', /told\('(\w+)'/g),
    ]
    expect(told).toContain('no_worker')
    const known = Object.keys(zh.told.camera)
    expect([...codes, ...causes, ...told].filter((code) => !known.includes(code))).toEqual([])
  })

  it('for each way in which a notification fails', () => {
    const codes = [
      ...codesOf('alerts/channels', /\bfailed\('(\w+)'/g),
      ...codesOf('alerts/delivery', /\bcode: '(\w+)'/g),
      ...codesOf('alerts/delivery', /\['(\w+)', '(?:no answer|this worker|the channel)/g),
    ]
    expect(codes).toEqual(expect.arrayContaining(['tls', 'no_relay', 'stopped', 'channel_error']))
    const known = Object.keys(zh.told.notification)
    expect([...new Set(codes)].filter((code) => !known.includes(code))).toEqual([])
  })

  it('for each state of a part of the health', () => {
    const told = codesIn('app/health', /\b(?:poor|down)\(\s*'([^']+)',\s*'(\w+)'/g)
    expect(told.length).toBeGreaterThan(20)
    const words: Readonly<Record<string, object>> = zh.healthText
    expect(told.filter(([part, code]) => !Object.hasOwn(words[part ?? ''] ?? {}, code ?? ''))).toEqual([])
    const well = codesIn('app/health', /\bwell\(\s*'([^']+)'/g).map(([part]) => part ?? '')
    const silent = well.filter(
      (part) => !Object.keys(words[part] ?? {}).some((code) => code.startsWith('ok')),
    )
    expect(silent).toEqual([])
  })

  it('for each refusal of a command', () => {
    const folders = ['alerts/alert', 'alerts/cases', 'alerts/evidence', 'alerts/routing', 'alerts/delivery']
    const more = ['originals', 'camera-setup', 'users', 'desk'].map((folder) => `dashboard-api/${folder}`)
    const told = [...folders, ...more, 'core/case', 'adapters/postgres'].flatMap((folder) =>
      codesIn(folder, /\bwhy: ([^{},;]*'\w+'[^{},;]*)([^{};]*)/g).flatMap(([value = '', rest = '']) => {
        const facts = [...rest.matchAll(/,\s*(\w+)\s*(?=[:,]|$)/g)].map(([, name = '']) => name)
        return [...value.matchAll(/(?:^|[?:] )'(\w+)'/g)].map(([, code = '']) => ({ code, facts }))
      }),
    )
    // A letter that cannot be sent again: the department's fault as it is now.
    const [again] = codesIn('alerts/delivery', /\bwhy: fault[^,]*,([^{};]*)\}/g)
    const facts = [...(again?.[0] ?? '').matchAll(/(\w+):/g)].map(([, name = '']) => name)
    expect(facts).toContain('department')
    const enqueue = readFileSync(join(ROOT, 'alerts/delivery/enqueue.ts'), 'utf8')
    const faults = [...enqueue.matchAll(/\bcode: '(\w+)'/g)].map(([, code = '']) => ({ code, facts }))
    const takenBack = codesOf('alerts/alert', /\brefused\('(\w+)'/g)
    const all = [...told, ...faults, ...takenBack.map((code) => ({ code, facts: ['by'] }))]
    expect(all.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['filed', 'has_case', 'exists', 'no_relay', 'approved', 'handover', 'late']),
    )
    for (const { refusal } of [zh.told, en.told]) {
      const words: Readonly<Record<string, string>> = refusal
      expect(all.filter(({ code }) => !Object.hasOwn(words, code))).toEqual([])
      // What the words name and the refusal does not tell would stand on screen in braces.
      const bare = all.filter(({ code, facts }) => named(words[code]).some((name) => !facts.includes(name)))
      expect(bare).toEqual([])
    }
  })

  it('and the finer words of a cause or of a reply come before the general ones', () => {
    expect(toldKeys('told.camera', { code: 'camera_unreachable', facts: { cause: 'dns' } }).keys).toEqual([
      'told.camera.camera_unreachable_dns',
      'told.camera.camera_unreachable',
    ])
    expect(toldKeys('told.notification', { code: 'smtp_452', facts: {} })).toEqual({
      keys: ['told.notification.smtp_452', 'told.notification.smtp'],
      values: { status: '452' },
    })
    expect(toldKeys('told.notification', { code: 'tls', facts: {} }).keys).toEqual(['told.notification.tls'])
  })
})

describe('a reason of attention', () => {
  it('names in English and by its facts the same things, and its words in both languages too', () => {
    for (const [code, text] of Object.entries(ATTENTION_REASONS)) {
      const facts = named(text, /\{(\w+)\}/g)
      for (const words of [zh, en])
        expect(named(words.attention.why[code as keyof typeof ATTENTION_REASONS])).toEqual(facts)
    }
    expect(because('persons', { count: 5, limit: 4 })).toEqual({
      reason: '5 persons in the zone, limit 4',
      why: { code: 'persons', facts: { count: 5, limit: 4 } },
    })
  })
})

describe('a fault of a schema', () => {
  const faultOf = (schema: z.ZodType, value: unknown) => {
    const { rule, values } = schemaFault(schema.safeParse(value).error?.issues[0] as z.core.$ZodIssue)
    return { rule, values }
  }

  it('of our own rules and patterns is told by its rule, any other one by its text', () => {
    expect(faultOf(idSchema, 'a b')).toEqual({ rule: 'id_form', values: {} })
    expect(faultOf(durationSchema, 'soon')).toEqual({ rule: 'duration', values: { text: 'soon' } })
    expect(faultOf(probeBody, { url: 'rtsp://cam/1', user: 'eye' })).toEqual({
      rule: 'login_pair',
      values: {},
    })
    expect(faultOf(probeBody, { url: 'nowhere' })).toEqual({ rule: 'camera_url', values: {} })
    expect(faultOf(askOriginalBody, { reason: 'because' }).rule).toBe('one_of')
    const sensor = { id: 's', factor: 'f', unit: 'u', source: 'mqtt', topic: 'a/#' }
    expect(faultOf(sensorSchema, sensor)).toEqual({ rule: 'topic', values: {} })
    expect(faultOf(z.string().regex(/^x/, 'begins with x'), 'y')).toEqual({
      ...{ rule: 'other', values: { text: 'begins with x' } },
    })
    const hours = cameraSchema.shape.rules.unwrap()
    const rule = { id: 'fire', type: 'fire', hours: 'always' }
    expect(schemaFaults(hours.safeParse([rule]).error as z.ZodError)).toMatchObject([{ rule: 'hours_form' }])
  })

  it('of the server is read as a whole or not at all', () => {
    const fault = { path: 'id', message: 'x', rule: 'id_form', values: {} }
    expect(wordedFaults({ faults: [fault] })).toEqual([fault])
    expect(
      wordedFaults({ faults: [fault, { path: 'id', message: 'x', rule: 'newer', values: {} }] }),
    ).toEqual([])
    expect(wordedFaults({ faults: ['id: x'] })).toEqual([])
    expect(wordedFaults(undefined)).toEqual([])
    expect(factsOf({ why: 'has_case', no: '7', list: [1] })).toEqual({
      ...{ code: 'has_case', facts: { why: 'has_case', no: '7' } },
    })
    expect(factsOf({ no: '7' })).toBeNull()
  })
})
