import { expect, test } from 'vitest'
import type { Attention } from '../../../core/frame.ts'
import { createAttentionRule } from '../../../ingest/decode/attention.ts'

const sentry: Attention = { level: 'sentry', fps: 5, reason: 'quiet' }
const level = (rule: ReturnType<typeof createAttentionRule>, now: number) => rule.judge(sentry, now).level

test('key frames that do not answer twice cost full attention, on probation that doubles', () => {
  const rule = createAttentionRule(2_500)
  rule.unanswered(true, 0)
  expect(level(rule, 0)).toBe('sentry')
  rule.unanswered(true, 2_000)
  expect(level(rule, 2_000)).toBe('full')
  expect(level(rule, 61_999)).toBe('full')
  expect(level(rule, 62_000)).toBe('sentry')
  rule.unanswered(true, 64_000)
  rule.unanswered(true, 66_000)
  expect(level(rule, 66_000 + 119_999)).toBe('full')
  expect(level(rule, 66_000 + 120_000)).toBe('sentry')
})

test('a machine that was busy at the start is forgiven: three answers are a proof for good', () => {
  const rule = createAttentionRule(2_500)
  rule.unanswered(true, 0)
  rule.unanswered(true, 2_000)
  expect(level(rule, 62_000)).toBe('sentry')
  for (let i = 0; i < 3; i++) rule.answered()
  for (let now = 70_000; now < 90_000; now += 2_000) rule.unanswered(true, now)
  expect(level(rule, 90_000)).toBe('sentry')
})

test('key frames without companions are not judged; a long GOP is, for the whole connection', () => {
  const rule = createAttentionRule(2_500)
  for (let i = 0; i < 5; i++) rule.unanswered(false, i)
  expect(level(rule, 10)).toBe('sentry')
  rule.gop(4_000)
  expect(rule.judge(sentry, 1e9)).toMatchObject({
    level: 'full',
    reason: 'key frames are more than 2.5 s apart',
  })
  rule.reset()
  expect(level(rule, 1e9)).toBe('sentry')
})
