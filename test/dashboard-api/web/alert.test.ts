import { describe, expect, it } from 'vitest'
import { CATALOGUE } from '../../../core/catalogue.ts'
import {
  causeSentence,
  NEEDS,
  quantity,
  SENSOR_CAUSES,
  sensorSentence,
} from '../../../dashboard-api/web/src/alerts/cause.ts'
import { rejectText } from '../../../dashboard-api/web/src/alerts/reject-text.ts'
import { stillBoxes } from '../../../dashboard-api/web/src/alerts/still-boxes.ts'
import { problemError, toApiError } from '../../../dashboard-api/web/src/api/problem.ts'
import type { AlertDetail } from '../../../dashboard-api/web/src/api/types.ts'
import { passwordFault } from '../../../dashboard-api/web/src/session/password.ts'
import { safeNext } from '../../../dashboard-api/web/src/session/safe-next.ts'
import { zh } from '../../../dashboard-api/web/src/words/zh.ts'

const causes: Readonly<Record<string, string>> = zh.causes
const words = {
  language: 'zh-CN' as const,
  typeName: (type: string) => CATALOGUE[type as keyof typeof CATALOGUE].zh,
  exists: (key: string) => key.slice('causes.'.length) in causes,
  t: (key: string, values: Record<string, string>) =>
    (causes[key.slice('causes.'.length)] ?? key).replaceAll(
      /\{\{(\w+)\}\}/g,
      (_, name: string) => values[name] ?? `?${name}`,
    ),
}
type Cause = AlertDetail['cause']
const cause = (part: Partial<Cause>): Cause =>
  ({ measured: {}, thresholds: {}, model: null, score: 0.81, ...part }) as Cause

describe('why there is an alert', () => {
  it('is one sentence with the numbers of its type', () => {
    const stood = cause({
      type: 'lane_blocked',
      measured: { count: 1, stillMs: 131_000 },
      thresholds: { forMs: 120_000, score: 0.4 },
    })
    expect(causeSentence(stood, words)).toBe('车辆停留 2 分 11 秒，限值 2 分。')
    const crowd = cause({
      type: 'crowding',
      measured: { count: 42, lastedMs: 33_000 },
      thresholds: { limit: 30 },
    })
    expect(causeSentence(crowd, words)).toBe('区域内 42 人，上限 30 人，已持续 33 秒。')
  })

  it('never shows a hole: with other numbers it falls back to what it has', () => {
    for (const type of Object.keys(CATALOGUE) as (keyof typeof CATALOGUE)[]) {
      for (const model of [null, { id: 'm', family: 'yolox', sha256: 'a' }]) {
        for (const thresholds of [{}, { score: 0.5 }]) {
          expect(
            causeSentence(cause({ type, model, thresholds: thresholds as Cause['thresholds'] }), words),
          ).not.toMatch(/[?{]/)
        }
      }
    }
  })

  it('has a sentence for each type that names its numbers', () => {
    for (const [type, names] of Object.entries(NEEDS)) {
      const placeholders = [...(causes[type] ?? '').matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1])
      expect(placeholders.length).toBeGreaterThan(0)
      expect(placeholders.every((name) => names.includes(name ?? ''))).toBe(true)
    }
  })

  it('of a sensor names the factor, the value and the limit, in its unit and with its digits', () => {
    const pm = { factor: 'PM2.5', unit: 'ug/m3' }
    const over = cause({
      type: 'exceedance',
      measured: { value: 180, peak: 201.5, lastedMs: 20_000 },
      thresholds: { above: 150, clear: 120, forMs: 20_000 },
    })
    expect(sensorSentence(over, pm, words)).toBe(
      'PM2.5 最高 201.5 ug/m3，超过限值 150 ug/m3，已持续 20 秒；最近 180 ug/m3。',
    )
    const under = cause({
      type: 'exceedance',
      measured: { value: 0.0085, peak: 0.0071, lastedMs: 0 },
      thresholds: { below: 0.009, forMs: 0 },
    })
    expect(sensorSentence(under, { factor: '溶解氧', unit: 'mg/L' }, words)).toContain(
      '最低 0.0071 mg/L，低于限值 0.009 mg/L',
    )
    const silent = cause({
      type: 'sensor_fault',
      measured: { silenceMs: 40_000 },
      thresholds: { silenceMs: 30_000 },
    })
    expect(sensorSentence(silent, pm, words)).toBe('已有 40 秒 没有收到数据，最长允许 30 秒。')
    for (const type of ['exceedance', 'sensor_fault'])
      expect(sensorSentence(cause({ type: type as Cause['type'] }), null, words)).not.toMatch(/[?{]/)
    for (const [sentence, names] of SENSOR_CAUSES)
      for (const [, name] of (causes[sentence] ?? '{{?}}').matchAll(/\{\{(.+?)\}\}/g))
        expect(names).toContain(name)
  })

  it('tells each number with its unit', () => {
    expect(quantity('stillMs', 131_000, 'en')).toBe('2 min 11 s')
    expect(quantity('errorMs', 120, 'en')).toBe('120 ms')
    expect(quantity('shareOfPictures', 0.83, 'en')).toBe('83.0 %')
    expect(quantity('score', 0.5, 'en')).toBe('0.50')
    expect(quantity('count', 42, 'en')).toBe('42')
  })
})

describe('what is drawn over the still', () => {
  const picture = { masked: { width: 1280, height: 720 }, capturedAt: 10_000 }
  const alert = (part: object) =>
    ({
      cause: { detections: [], box: null, still: picture, lastSeenAt: 10_000, ...part },
    }) as unknown as AlertDetail

  it('is one box for the thing that is the hazard, and the others beside it', () => {
    const detections = [
      { label: 'car', score: 0.8123, box: [0.1, 0.1, 0.3, 0.3] },
      { label: 'truck', score: 0.6, box: [0.5, 0.5, 0.7, 0.7] },
    ]
    const { boxes } = stillBoxes(alert({ box: [0.1, 0.1, 0.3, 0.302], detections }), '占用消防通道')
    expect(boxes.map(({ label, strong }) => [label, strong])).toEqual([
      ['truck 0.60', false],
      ['占用消防通道 · car 0.81', true],
    ])
  })

  it('says when the boxes belong to another moment than the picture', () => {
    const box = [0, 0, 1, 1]
    expect(stillBoxes(alert({ box, lastSeenAt: 10_900 }), 'x').drawnAt).toBeNull()
    expect(stillBoxes(alert({ box, lastSeenAt: 12_000 }), 'x').drawnAt).toBe(new Date(12_000).toISOString())
    expect(stillBoxes(alert({ still: { failed: 'no key frame' } }), 'x')).toMatchObject({
      boxes: [],
      size: null,
    })
  })
})

describe('a reason of a rejection', () => {
  const t = ((key: string) => `[${key}]`) as unknown as Parameters<typeof rejectText>[0]
  const known = { exists: (key: string | string[]) => key === 'reject.duplicate' }
  it('is a word of the screen or what somebody wrote', () => {
    expect(rejectText(t, known, 'duplicate')).toBe('[reject.duplicate]')
    expect(rejectText(t, known, '烟是蒸汽')).toBe('烟是蒸汽')
  })
})

describe('a failed call', () => {
  it('keeps the server’s code and number, and is told also when a proxy answered', () => {
    const problem = { type: 'urn:x', title: 'internal', status: 500, code: 'internal', instance: 'E-1A2B' }
    expect(problemError(500, problem)).toMatchObject({ code: 'internal', status: 500, number: 'E-1A2B' })
    expect(problemError(502, '<html>')).toMatchObject({ code: 'http_502', status: 502, number: null })
    expect(toApiError('odd')).toMatchObject({ code: 'app', message: 'odd' })
  })
})

describe('after the log-in', () => {
  it('the way goes to a page of this app and nowhere else', () => {
    expect(safeNext('/cases/2026-000123?x=1')).toBe('/cases/2026-000123?x=1')
    for (const next of [
      null,
      '',
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
      '/\tx',
      '/login?next=/',
    ]) {
      expect(safeNext(next)).toBe('/')
    }
  })

  it('a new password is long enough, new, and typed twice', () => {
    const good = { current: 'one-time-pass', next: 'a good one 1', again: 'a good one 1' }
    expect(passwordFault(good)).toBeNull()
    expect(passwordFault({ ...good, next: 'short', again: 'short' })).toBe('short')
    expect(passwordFault({ ...good, next: good.current, again: good.current })).toBe('same')
    expect(passwordFault({ ...good, again: 'a good one 2' })).toBe('differs')
  })
})
