import { expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createStopStack } from '../../core/stop-stack.ts'
import { recordingLog } from '../support/log.ts'

test('steps run in reverse, past a failing one, once', async () => {
  const order: string[] = []
  const log = recordingLog()
  const stack = createStopStack({ log, clock: systemClock })
  stack.push('first', () => order.push('first'))
  stack.push('broken', () => {
    throw new Error('no')
  })
  stack.push('last', async () => order.push('last'))
  await Promise.all([stack.stop(), stack.stop()])
  expect(order).toEqual(['last', 'first'])
  expect(log.lines.some((line) => line.includes('"broken"') && line.includes('stopping failed'))).toBe(true)
})

test('a step that never ends is left behind and named', async () => {
  const log = recordingLog()
  const order: string[] = []
  const stack = createStopStack({ log, clock: { now: () => 0, sleep: async () => undefined }, deadlineMs: 1 })
  stack.push('first', () => order.push('first'))
  stack.push('hanging', () => new Promise(() => undefined))
  await stack.stop()
  expect(log.lines.some((line) => line.includes('"hanging"') && line.includes('too long'))).toBe(true)
})
