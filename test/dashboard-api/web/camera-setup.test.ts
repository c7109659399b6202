import { describe, expect, test } from 'vitest'
import { TOO_LONG } from '../../../core/camera-setup.ts'
import { readCameraCsv } from '../../../core/config/camera-csv.ts'
import { cameraSchema } from '../../../core/config/city.ts'
import { PRESET_NAMES } from '../../../core/config/presets.ts'
import { matchingCameras } from '../../../dashboard-api/web/src/camera-admin/match.ts'
import { decodeList } from '../../../dashboard-api/web/src/camera-import/decode.ts'
import { templateText } from '../../../dashboard-api/web/src/camera-import/template.ts'
import {
  bodyOfDraft,
  type CameraDraft,
  EMPTY_DRAFT,
  faultsOfStep,
  parseCameraDraft,
  suggestedId,
} from '../../../dashboard-api/web/src/camera-setup/draft.ts'
import { presetOf, withPreset } from '../../../dashboard-api/web/src/camera-setup/preset.ts'
import { problemValues } from '../../../dashboard-api/web/src/camera-setup/problem-values.ts'
import { landed, seenOf, sourceOf, type Trial } from '../../../dashboard-api/web/src/camera-setup/trial.ts'
import type { RuleSet } from '../../../dashboard-api/web/src/rules/model.ts'
import { en } from '../../../dashboard-api/web/src/words/en.ts'
import { zh } from '../../../dashboard-api/web/src/words/zh.ts'

const DRAFT: CameraDraft = {
  ...EMPTY_DRAFT,
  ...{
    url: ' rtsp://10.0.0.8/1 ',
    id: 'gate',
    zh: '东门',
    purpose: 'public_safety',
    lon: '114.48',
    lat: '38.03',
  },
}
const codes = (step: Parameters<typeof faultsOfStep>[0], more: Partial<CameraDraft>, password = '') =>
  faultsOfStep(step, { ...DRAFT, ...more }, password).map(({ field, code }) => `${field} ${code}`)

describe('the draft of a camera', () => {
  test('says what is missing or wrong, step by step', () => {
    expect(codes('source', {})).toEqual([])
    expect(codes('source', { url: '' })).toEqual(['url empty'])
    expect(codes('source', { url: 'rtsp://a:b@10.0.0.8/1' })).toEqual(['url url_credentials'])
    expect(codes('source', { url: '/films/a.mp4' })).toEqual(['url url_not_url'])
    expect(codes('source', { user: 'admin' })).toEqual(['password password'])
    expect(codes('source', {}, 'x')).toEqual(['user user'])
    expect(codes('source', { user: 'ad:min' }, 'x')).toEqual(['user colon'])
    expect(codes('facts', {})).toEqual([])
    expect(codes('facts', { id: 'new', zh: ' ', purpose: null })).toEqual([
      'zh empty',
      'id reserved',
      'purpose empty',
    ])
    expect(codes('facts', { id: '东门' })).toEqual(['id id'])
    expect(codes('facts', { lat: '' })).toEqual(['lat pair'])
    expect(codes('facts', { lon: '114,48' })).toEqual(['lon degrees'])
    expect(codes('facts', { lat: '91' })).toEqual(['lat degrees'])
    expect(codes('facts', { masking: 'none', maskingReason: 'x' })).toEqual(['maskingReason maskingReason'])
    expect(codes('facts', { hours: 73 })).toEqual(['hours hours'])
  })

  test('becomes what the city file takes, with its point in the datum of the city', () => {
    const same = bodyOfDraft(DRAFT, 'GCJ-02')
    expect(cameraSchema.parse(same)).toMatchObject({
      ...{ url: 'rtsp://10.0.0.8/1', name: { zh: '东门', en: '东门' }, masking: 'heads' },
      place: { lon: 114.48, lat: 38.03 },
    })
    const moved = cameraSchema.parse(bodyOfDraft({ ...DRAFT, datum: 'WGS-84' }, 'GCJ-02')).place
    // GCJ-02 lies some hundred metres from WGS-84 there.
    const metres = Math.hypot(((moved.lon ?? 0) - 114.48) * 87_600, ((moved.lat ?? 0) - 38.03) * 111_000)
    expect(metres).toBeGreaterThan(300)
    expect(metres).toBeLessThan(900)
    const bare = { ...DRAFT, lon: '', lat: '', masking: 'none' as const, maskingReason: '演示' }
    expect(cameraSchema.parse(bodyOfDraft(bare, 'GCJ-02'))).toMatchObject({
      place: {},
      masking: { none: '演示' },
    })
  })

  test('is kept whole, without a password, and nothing that is left by others breaks it', () => {
    expect(parseCameraDraft(JSON.stringify(DRAFT))).toEqual(DRAFT)
    expect(JSON.stringify(EMPTY_DRAFT)).not.toMatch(/password/i)
    for (const text of [
      null,
      '',
      '{',
      '3',
      'null',
      '[]',
      '{"set":{"zones":3},"hours":"x","purpose":"spying"}',
    ])
      expect(parseCameraDraft(text)).toEqual(EMPTY_DRAFT)
  })

  test('is named after its address', () => {
    expect(suggestedId('rtsp://10.0.0.8:554/1', [])).toBe('cam-10-0-0-8')
    expect(suggestedId('rtsp://10.0.0.8/2', ['cam-10-0-0-8', 'cam-10-0-0-8-2'])).toBe('cam-10-0-0-8-3')
    expect(suggestedId('rtsp://[fd00::8]/1', [])).toBe('cam-fd00-8')
    expect(suggestedId('no address', [])).toBe('')
  })
})

describe('sets of rules', () => {
  const drawn: RuleSet = { zones: { lane: [[0, 0], [1, 0], [1, 1]] }, privacy: [], rules: [] } // biome-ignore format: one shape

  test('go onto the zone that was drawn; fire and the camera itself are looked for everywhere', () => {
    const { zones, rules } = withPreset(drawn, 'environment')
    expect(zones).toEqual(drawn.zones)
    expect(rules.map(({ type, zone }) => [type, zone])).toEqual([
      ...[['fire', undefined], ['smoke', undefined]], // biome-ignore format: two rules
      ...[['camera_covered', undefined], ['camera_frozen', undefined]], // biome-ignore format: two rules
      ['plume', 'lane'],
      ['litter_pile', 'lane'],
    ])
  })

  test.each(PRESET_NAMES)('%s is valid with and without a zone, and is known again', (name) => {
    for (const set of [drawn, { zones: {}, privacy: [], rules: [] }]) {
      const taken = withPreset(set, name)
      expect(cameraSchema.safeParse({ ...bodyOfDraft(DRAFT, 'GCJ-02'), ...taken }).error).toBeUndefined()
      expect(presetOf(taken)).toBe(name)
      expect(presetOf({ ...taken, rules: taken.rules.slice(1) })).toBeNull()
    }
  })
})

describe('a list of cameras', () => {
  test('is read as UTF-8 with and without a mark and as GB18030; a workbook is none', () => {
    const text = 'id,name_zh\ngate,东门'
    const utf8 = new TextEncoder().encode(text)
    expect(decodeList(utf8)).toEqual({ text, encoding: 'utf-8' })
    expect(decodeList(new Uint8Array([0xef, 0xbb, 0xbf, ...utf8]))).toEqual({ text, encoding: 'utf-8' })
    // 东门 in GB 2312.
    const gb = new Uint8Array([...new TextEncoder().encode('id,name_zh\ngate,'), 0xb6, 0xab, 0xc3, 0xc5])
    expect(decodeList(gb)).toEqual({ text, encoding: 'gb18030' })
    expect(decodeList(new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 0xff]))).toBeNull()
    expect(decodeList(new Uint8Array([0xff, 0xff, 0xff]))).toBeNull()
  })

  test('has a template that is right as it is', () => {
    expect(readCameraCsv(templateText())).toMatchObject({
      lines: 1,
      faults: [],
      cameras: [{ id: 'gate-east' }],
    })
  })
})

test('problems name the interval that has to be set', () => {
  const seen = {
    keyFrameSeconds: null,
    watchedSeconds: 11.96,
    fps: 12.5,
    encodedFrom: 'mjpeg',
    width: 8,
    height: 6,
  }
  expect(problemValues({ ...seen, clockRate: null } as never)).toMatchObject({
    ...{ every: '> 11.96', frames: 25, codec: 'MJPEG', size: '8×6' },
  })
})

test('cameras are found by all words, in id, name, address and place', () => {
  const item = (id: string, zh: string, url: string) => ({
    ...{ kind: 'camera' as const, id, managedBy: 'desk' as const, version: 1, position: 0 },
    body: { name: { zh, en: zh }, url },
  })
  const items = [item('a-1', '东门', 'rtsp://10.0.0.8/1'), item('a-2', '西门', 'rtsp://10.0.0.9/1')]
  const found = (search: string) => matchingCameras(items, search).map(({ id }) => id)
  expect(found('')).toEqual(['a-1', 'a-2'])
  expect(found('A-1')).toEqual(['a-1'])
  expect(found('门 10.0.0.9')).toEqual(['a-2'])
  expect(found('南')).toEqual([])
})

describe('the answer of a trial', () => {
  test('that took too long has words', () => {
    for (const words of [zh, en]) expect(words.cameraNew.failure).toHaveProperty(TOO_LONG)
  })

  const probed = {
    ...{ worker: 'yard', unreached: [], seen: null, picture: null, failure: null, configured: null },
  }
  const login = { user: 'eye', password: 'x' }
  const [a, b] = [sourceOf('rtsp://a/1 ', login), sourceOf('rtsp://b/1', login)]
  const begin = (of: string): Trial => ({ of, ask: async () => probed, probed: null })

  test('is one about its own address and login, whatever stands in the fields when it comes', () => {
    const trial = begin(a)
    const now = landed(trial, trial.ask, probed)
    expect(seenOf(now, sourceOf('rtsp://a/1', login))).toBe(probed)
    expect(seenOf(now, b)).toBeNull()
    expect(seenOf(now, sourceOf('rtsp://a/1', { ...login, password: 'y' }))).toBeNull()
  })

  test('comes too late when another trial was begun, or all was cleared', () => {
    const [first, second] = [begin(a), begin(b)]
    const now = landed(second, second.ask, probed)
    expect(landed(now, first.ask, { ...probed, worker: 'late' })).toBe(now)
    expect(landed(null, first.ask, probed)).toBeNull()
  })
})
