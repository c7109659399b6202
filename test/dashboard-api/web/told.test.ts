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
import { MACHINE_REASONS } from '../../../core/machine-reason.ts'
import { PICTURE_FAULTS } from '../../../core/picture-fault.ts'
import { MODEL_FAULTS } from '../../../core/unavailable.ts'
import { wordedFaults } from '../../../dashboard-api/web/src/parts/problem-facts.ts'
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
/** The codes of refusals in a text, with the names of the facts beside each. */
const whysOf = (text: string) =>
  [...text.matchAll(/\bwhy: ([^{},;]*'\w+'[^{},;]*)([^{};]*)/g)].flatMap(([, value = '', rest = '']) => {
    const facts = [...rest.matchAll(/,\s*(\w+)\s*(?=[:,]|$)/g)].map(([, name = '']) => name)
    return [...value.matchAll(/(?:^|[?:] )'(\w+)'/g)].map(([, code = '']) => ({ code, facts }))
  })
const whysIn = (folder: string) => sources(folder).flatMap(whysOf)
/** Files of the program below a folder, but for the browser app. */
const filesBelow = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('web/'))
    .map((file) => `${folder}/${file}`)
/** Calls that begin so, up to the bracket that closes them. */
const callsIn = (text: string, beginning: RegExp) =>
  [...text.matchAll(beginning)].map(({ index, 0: { length } }) => {
    let open = 1
    let end = index + length
    for (; open > 0 && end < text.length; end++) open += text[end] === '(' ? 1 : text[end] === ')' ? -1 : 0
    return text.slice(index, end)
  })
/** Folders whose refusals pages show. */
const REFUSING = [
  ...['alerts/alert', 'alerts/cases', 'alerts/evidence', 'alerts/routing', 'alerts/delivery'],
  ...['core/case', 'adapters/postgres'],
  ...['audit', 'auth', 'camera-import', 'camera-setup', 'cases', 'desk', 'dry-runs', 'events'].map(
    (folder) => `dashboard-api/${folder}`,
  ),
  ...['originals', 'recordings', 'statistics', 'users', 'views'].map((folder) => `dashboard-api/${folder}`),
]
/** What words name in braces. */
const named = (text = '', pattern = /\{\{(\w+)\}\}/g) =>
  [...text.matchAll(pattern)].map(([, name = '']) => name).sort()

/** Each sentence of the program has words that name no fact which it does not tell. */
function sayTheSame(words: Readonly<Record<string, string>>, sentences: Readonly<Record<string, string>>) {
  expect(Object.keys(words).sort()).toEqual(Object.keys(sentences).sort())
  for (const [code, text] of Object.entries(sentences)) {
    const facts = named(text, /\{(\w+)\}/g)
    expect(named(words[code]).filter((name) => !facts.includes(name))).toEqual([])
  }
}

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
    const told = REFUSING.flatMap(whysIn)
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
    expect(told.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['off_duty', 'mixed_rules', 'last_admin', 'span_long', 'dry_runs_full']),
    )
    for (const { refusal } of [zh.told, en.told]) {
      const words: Readonly<Record<string, string>> = refusal
      expect(all.filter(({ code }) => !Object.hasOwn(words, code))).toEqual([])
      // What the words name and the refusal does not tell would stand on screen in braces.
      const bare = all.filter(({ code, facts }) => named(words[code]).some((name) => !facts.includes(name)))
      expect(bare).toEqual([])
    }
  })

  it('for each way in which a dry run does not end well', () => {
    const files = ['adapters/dry-runs/remote.ts', 'app/worker/dry-run.ts', 'inference/replay/raised.ts']
    const all = [...files, 'ingest/decode/recorded.ts'].flatMap((file) =>
      whysOf(readFileSync(join(ROOT, file), 'utf8')),
    )
    const server = codesOf('dashboard-api/dry-runs', /\bwhy: \{ code: '(\w+)'/g)
    const told = [...all, ...server.map((code) => ({ code, facts: [] }))]
    for (const { dryRun } of [zh, en]) {
      const words: Readonly<Record<string, string>> = dryRun.fault
      expect(told.map(({ code }) => code).sort()).toEqual(expect.arrayContaining(Object.keys(words).sort()))
      expect(told.filter(({ code }) => !Object.hasOwn(words, code))).toEqual([])
      const bare = told.filter(({ code, facts }) => named(words[code]).some((name) => !facts.includes(name)))
      expect(bare).toEqual([])
    }
  })

  it('for each fault of a model or picture and each reason of the program, naming no other facts', () => {
    for (const words of [zh, en]) {
      expect(Object.keys(words.rules.modelFault).sort()).toEqual([...MODEL_FAULTS].sort())
      sayTheSame(words.told.picture, PICTURE_FAULTS)
      sayTheSame(words.told.reason, MACHINE_REASONS)
    }
  })

  it('and no desk is refused by a state in English alone', () => {
    const files = ['alerts', 'core/case', 'adapters/postgres', 'dashboard-api'].flatMap(filesBelow)
    const refusalsBut = (others: readonly string[], beginning: RegExp) =>
      files
        .filter((file) => !others.some((other) => file.startsWith(other)))
        .flatMap((file) => callsIn(readFileSync(join(ROOT, file), 'utf8'), beginning))
    // Of the command line, and of the phone that sends on by itself.
    const unseen = ['alerts/inbox', 'adapters/postgres/workers.ts', 'dashboard-api/field']
    const states = refusalsBut(unseen, /new SharpEyesError\(\s*'state_conflict'/g)
    expect(states.length).toBeGreaterThan(20)
    expect(states.filter((call) => !/\bwhy\s*[:,}]/.test(call))).toEqual([])
    // Of the start and the night, of workers, and of requests that pages never send.
    const programs = [
      ...[
        'alerts/evidence/work.ts',
        'alerts/history',
        'core/case/decide.ts',
        'adapters/postgres/config-desk.ts',
      ],
      ...['app.ts', 'workers', 'http', 'events', 'stream', 'alerts/media.ts', 'cases/upload.ts'].map(
        (file) => `dashboard-api/${file}`,
      ),
      'dashboard-api/statistics/read.ts',
    ]
    const bodies = refusalsBut([...unseen, ...programs], /new SharpEyesError\(\s*'(?:config_)?invalid'/g)
    expect(bodies.length).toBeGreaterThan(10)
    // By a code, or by each fault of a schema.
    const told = /\bwhy\s*[:,}]|\bdetails: \{ faults: \[\.\.\.faults\]|, \{ details \}/
    expect(bodies.filter((call) => !told.test(call))).toEqual([])
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
  })
})
