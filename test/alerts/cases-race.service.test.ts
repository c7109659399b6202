import { expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createAlertCommands } from '../../alerts/alert/commands.ts'
import { type AlertRow, alertFacts } from '../../alerts/alert/row.ts'
import { readLog } from '../../alerts/cases/store.ts'
import { deliverOnce } from '../../alerts/delivery/run.ts'
import { replay } from '../../core/case/evolve.ts'
import type { CaseFacts } from '../../core/case/state.ts'
import type { Channel } from '../../core/ports/channel.ts'
import { silentLog } from '../support/log.ts'
import { insertAlert, openCases, STAFF } from './cases-fixture.ts'

const REFUSALS = ['version_conflict', 'state_conflict', 'forbidden', 'not_found']

/** Small and repeatable: the race must be wild in its timing, not in its dice. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

test('people, timers, the inbox and delivery at once: no deadlock, no lost entry, every log gives its snapshot', async () => {
  await using house = await openCases()
  const { database, commands, hooks, handlers, clock, metrics } = house
  const alerts = createAlertCommands({ database, clock, metrics, hooks })
  const channel: Channel = {
    kind: 'webhook',
    deliver: async ({ id }) =>
      id.endsWith('0')
        ? { kind: 'failed', retryable: true, code: 'http_500', error: 'x' }
        : { kind: 'delivered', code: 'ok' },
  }
  const ids = await Promise.all(
    Array.from({ length: 4 }, () => insertAlert(database, { type: 'fire', severity: 1 })),
  )
  const transition = (id: string, what: 'opened' | 'resolved') =>
    database.transaction(async (tx) => {
      const { rows } = await tx.query<AlertRow>('select * from alerts where id = $1 for update', [id])
      const [row] = rows
      if (row) await hooks.onTransition(tx, alertFacts(row), what)
    })
  const current = async (id: string) => {
    const { rows } = await database.query<{ body: CaseFacts }>(
      'select c.body from cases c where alert_id = $1 order by no desc limit 1',
      [id],
    )
    return rows[0]?.body
  }
  const move = async (id: string, kind: string, actor: (typeof STAFF)['lead'], more: object = {}) => {
    const facts = await current(id)
    if (facts) await commands.execute(facts.no, { kind, version: facts.version, ...more }, actor)
  }
  const reason = 'r'
  const acts: readonly ((id: string) => Promise<unknown>)[] = [
    (id) => transition(id, 'opened'),
    (id) => transition(id, 'resolved'),
    (id) => alerts.acknowledge(id, STAFF.operator),
    (id) => alerts.verdict(id, { verdict: 'rejected', reason }, STAFF.operator),
    (id) => alerts.verdict(id, { verdict: 'confirmed' }, STAFF.operator),
    (id) => commands.file({ alertId: id }, STAFF.operator),
    (id) => move(id, 'accept', STAFF.lead),
    (id) => move(id, 'return', STAFF.lead, { reason }),
    (id) => move(id, 'decide', STAFF.operator, { granted: true, reason }),
    (id) => move(id, 'dispatch', STAFF.operator, { department: 'ecology' }),
    (id) => move(id, 'void', STAFF.operator, { reason }),
    (id) => move(id, 'reopen', STAFF.operator, { reason }),
    async (id) => {
      const facts = await current(id)
      if (!facts?.clock) return
      const { kind, round } = facts.clock
      await handlers['case-clock']({ no: facts.no, clock: kind, round, action: 'reminder' })
    },
    (id) => handlers['alert-unanswered']({ alertId: id, repeat: 1 }),
    () => deliverOnce({ database, channels: [channel], clock: systemClock, log: silentLog, metrics }),
  ]
  let done = 0
  const errors: unknown[] = []
  await Promise.all(
    Array.from({ length: 8 }, async (_, worker) => {
      const roll = dice(worker + 1)
      for (let i = 0; i < 60; i++) {
        const act = acts[Math.floor(roll() * acts.length)]
        const id = ids[Math.floor(roll() * ids.length)]
        try {
          await act?.(id ?? '')
          done++
        } catch (error) {
          const { code } = error as { code?: string }
          if (!code || !REFUSALS.includes(code)) errors.push(error)
        }
      }
    }),
  )
  expect(errors).toEqual([])
  expect(done).toBeGreaterThan(100)

  const cases = await database.query<{ no: string; body: CaseFacts }>('select no, body from cases')
  expect(cases.rowCount).toBeGreaterThan(0)
  for (const { no, body } of cases.rows) expect(replay(await readLog(database, no))).toEqual(body)
  const open = await database.query(
    "select alert_id from cases where state <> 'voided' group by alert_id having count(*) > 1",
  )
  expect(open.rows).toEqual([])
})
