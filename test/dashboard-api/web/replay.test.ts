import { expect, test } from 'vitest'
import type { ReplayEntry } from '../../../core/api/history.ts'
import { marginRules } from '../../../dashboard-api/web/src/evidence/print-margins.ts'
import { mebibytes } from '../../../dashboard-api/web/src/evidence/size.ts'
import { stepIndex, stepsOf, worldAt } from '../../../dashboard-api/web/src/replay/story.ts'

const at = (minute: number) => `2026-11-26T02:${String(minute).padStart(2, '0')}:00.000Z`
const move = (minute: number, kind: string, to: string | null, data: Record<string, unknown> = {}) =>
  ({
    ...{ at: at(minute), what: 'case', key: `2026-000001/${minute}`, case: '2026-000001', seq: minute, kind },
    ...{ actor: 'a', actorKind: 'person', role: null, from: null, to, reason: null, data },
  }) as ReplayEntry
const notice = (minute: number, kind: 'queued' | 'attempt', outcome: string | null) =>
  ({
    ...{ at: at(minute), what: 'notification', key: `n/${minute}`, notification: 'n', messageId: 'm', kind },
    ...{
      group: { kind: 'case', id: '2026-000001' },
      step: 'filed',
      department: 'ecology',
      channel: 'webhook',
    },
    ...{ recipient: 'r', attempt: null, outcome, code: null, error: outcome === 'failed' ? 'busy' : null },
    durationMs: null,
  }) as ReplayEntry

const STORY: readonly ReplayEntry[] = [
  { at: at(0), what: 'coverage', key: '1' } as ReplayEntry,
  {
    ...{ at: at(1), what: 'event', key: 'e', kind: 'start', type: 'plume', severity: 2, zone: null },
    ...{ event: 'e', source: { kind: 'camera', id: 'c' } },
    state: { measured: { darkness: 2.4, odd: 'x' }, thresholds: { darkness: 2 } },
  } as unknown as ReplayEntry,
  {
    ...{ at: at(2), what: 'alert', key: 'a', alert: 'a', step: 'opened', actor: null, state: 'firing' },
    ...{ severity: 2, verdict: null, reason: null },
  },
  { at: at(3), what: 'look', key: '2' } as ReplayEntry,
  {
    ...{ at: at(3), what: 'alert', key: 'b', alert: 'a', step: 'verdict', actor: 'op', state: 'firing' },
    ...{ severity: 2, verdict: 'confirmed', reason: null },
  },
  move(4, 'file', 'pending_dispatch'),
  move(5, 'dispatch', 'pending_accept', { lead: 'ecology' }),
  notice(6, 'queued', null),
  notice(7, 'attempt', 'failed'),
  notice(8, 'attempt', 'sent'),
  move(9, 'attachment', null, { id: 'photo-1' }),
  move(10, 'reopen', 'pending_dispatch'),
]

test('each step has the world as it was then, and nothing of what came later', () => {
  const steps = stepsOf(STORY)
  expect(steps.map(({ what }) => what)).not.toContain('look')
  expect(steps).toHaveLength(STORY.length - 2)
  expect(worldAt(steps, 0)).toMatchObject({
    ...{ caseState: null, alertState: null, verdict: null, severity: 2, told: [] },
    ...{ measured: { darkness: 2.4 }, thresholds: { darkness: 2 } },
  })
  expect(worldAt(steps, 1)).toMatchObject({ alertState: 'firing', verdict: null })
  expect(worldAt(steps, 2).verdict).toBe('confirmed')
  expect(worldAt(steps, 3)).toMatchObject({ caseState: 'pending_dispatch', lead: null })
  expect(worldAt(steps, 4)).toMatchObject({ caseState: 'pending_accept', lead: 'ecology' })
  expect(worldAt(steps, 5).told).toMatchObject([{ outcome: 'queued' }])
  expect(worldAt(steps, 6).told).toMatchObject([{ outcome: 'failed', error: 'busy' }])
  expect(worldAt(steps, 7).told).toMatchObject([{ outcome: 'sent', error: null }])
  expect([...worldAt(steps, 7).uploaded]).toEqual([])
  expect([...worldAt(steps, 8).uploaded]).toEqual(['photo-1'])
  expect(worldAt(steps, 9)).toMatchObject({ caseState: 'pending_dispatch', lead: null })
})

test('the place in the address counts from 1 and never leaves the story', () => {
  expect(['1', '3', '99', '0', '-1', '2.5', 'x', null].map((text) => stepIndex(text, 5))).toEqual([
    0, 2, 4, 0, 0, 0, 0, 0,
  ])
  expect(stepIndex('4', 0)).toBe(0)
})

test('what stands at the edge of a sheet cannot leave its string', () => {
  const rules = marginRules({ no: 'a"; } body { display: none', printed: 'x\\\n', hashes: ['h1', 'h2'] })
  expect(rules).toContain('"a\\22 ; } body { display: none"')
  expect(rules).toContain('"x\\5c \\a "')
  expect(rules).toContain('"h1" "\\a " "h2"')
  expect(mebibytes(1.5 * 2 ** 20)).toBe('1.5 MB')
})
