import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ATTENTION_REASONS, because } from '../../../core/attention.ts'
import { PULL_CAUSES } from '../../../core/camera-setup.ts'
import { ERROR_TABLE } from '../../../core/errors.ts'
import { toldKeys } from '../../../dashboard-api/web/src/parts/told-keys.ts'
import { en } from '../../../dashboard-api/web/src/words/en.ts'
import { zh } from '../../../dashboard-api/web/src/words/zh.ts'

const ROOT = join(import.meta.dirname, '../../..')
const sources = (folder: string) =>
  readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'))
const codesOf = (folder: string, pattern: RegExp) =>
  sources(folder).flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''))

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
    const named = (text: string, pattern: RegExp) =>
      [...text.matchAll(pattern)].map((match) => match[1]).sort()
    for (const [code, text] of Object.entries(ATTENTION_REASONS)) {
      const facts = named(text, /\{(\w+)\}/g)
      for (const words of [zh, en])
        expect(named(words.attention.why[code as keyof typeof ATTENTION_REASONS], /\{\{(\w+)\}\}/g)).toEqual(
          facts,
        )
    }
    expect(because('persons', { count: 5, limit: 4 })).toEqual({
      reason: '5 persons in the zone, limit 4',
      why: { code: 'persons', facts: { count: 5, limit: 4 } },
    })
  })
})
