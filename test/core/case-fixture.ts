import type { Actor, Role } from '../../core/actor.ts'
import type { CaseEvent } from '../../core/case/event.ts'
import { replay } from '../../core/case/evolve.ts'
import { openCase } from '../../core/case/filing.ts'
import { scheduleOf } from '../../core/case/schedule-of.ts'
import type { CaseFacts } from '../../core/case/state.ts'
import type { StoredRoute } from '../../core/route.ts'

export const CASE_NOW = Date.parse('2026-11-24T08:00:00Z')
export const SCHEDULE = scheduleOf({ timezone: 'Asia/Shanghai' })
export const PHOTO = '5d2f4f4a-4f0e-4d5e-9c3a-0a0a0a0a0a0a'

export const person = (name: string, roles: readonly Role[], department: string | null = null): Actor => ({
  kind: 'person',
  name,
  roles,
  department,
})

export const PEOPLE = {
  operator: person('centre.duty', ['operator']),
  lead: person('ecology.duty', ['officer'], 'ecology'),
  verifier: person('grid.017', ['verifier']),
}

const ROUTE: StoredRoute = { id: 'route-001', route: { lead: 'ecology', assist: [] } }

function log(route: StoredRoute | null = ROUTE): readonly CaseEvent[] {
  return openCase(
    '2026-000001',
    {
      type: 'plume',
      severity: 2,
      alertId: null,
      camera: null,
      purpose: 'environment',
      place: { address: '学府路 1 号' },
      note: 'dark smoke',
      confirmedByFiling: false,
    },
    route,
    { departments: new Set(['ecology', 'market']), schedule: SCHEDULE },
    PEOPLE.operator,
    CASE_NOW,
  )
}

/** A case just filed; by default dispatched to `ecology` by a route, with null waiting for dispatch. */
export const filedCase = Object.assign((route?: StoredRoute | null): CaseFacts => replay(log(route)), { log })
