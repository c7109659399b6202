import { type CaseEvent, type CaseEventOf, machineEntryActor } from '../../core/case/event.ts'
import type { CaseFacts } from '../../core/case/state.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { Metrics } from '../../core/ports/telemetry.ts'
import type { EpochMs } from '../../core/units.ts'
import { type EnqueueDeps, enqueue, type Unreachable } from '../delivery/enqueue.ts'
import { caseMatter, payload } from '../delivery/message.ts'
import { readCameraName, readSensorOf } from './city.ts'

export interface NotifyDeps extends EnqueueDeps {
  readonly metrics: Metrics
  /** Address people open the pages at; null: links are paths. */
  readonly publicUrl: string | null
}

export interface CaseNotice {
  readonly step: string
  /** Type of the message, for example `case.filed`. */
  readonly type: string
  readonly departments: readonly string[]
  readonly at: EpochMs
  readonly more?: Readonly<Record<string, unknown>>
}

/**
 * Queues a step about a locked case, as it is after the move. Departments that cannot be reached are given back as
 * entries for its log, which the caller appends together with the move.
 */
export async function notifyAboutCase(
  tx: Queryable,
  deps: NotifyDeps,
  facts: CaseFacts,
  notice: CaseNotice,
): Promise<readonly CaseEvent[]> {
  const { step, type, departments, at, more } = notice
  const name = facts.camera ? await readCameraName(tx, facts.camera) : null
  const sensor = facts.alertId ? await readSensorOf(tx, facts.alertId) : null
  const matter = caseMatter(facts, name, sensor, await sinceOf(tx, facts))
  const { unreachable } = await enqueue(tx, deps, {
    group: { kind: 'case', id: facts.no },
    step,
    departments,
    payload: (department) =>
      payload(type, matter, at, deps.publicUrl, {
        department,
        part: department === facts.lead ? 'lead' : 'assist',
        due: facts.clock && { clock: facts.clock.kind, at: new Date(facts.clock.dueAt).toISOString() },
        ...more,
      }),
  })
  return unreachable.map((one) => unreachableEntry(step, one, at))
}

const unreachableEntry = (step: string, { department, why }: Unreachable, at: EpochMs): CaseEvent => {
  const entry: CaseEventOf<'unreachable'> = {
    kind: 'unreachable',
    at,
    actor: machineEntryActor('delivery'),
    from: null,
    to: null,
    reason: null,
    data: { step, department, why },
  }
  return entry
}

/** When the hazard began; a case filed by hand begins with its filing. */
async function sinceOf(tx: Queryable, facts: CaseFacts): Promise<EpochMs> {
  if (!facts.alertId) return facts.filedAt
  const { rows } = await tx.query<{ since: Date }>('select since from alerts where id = $1', [facts.alertId])
  return rows[0]?.since.getTime() ?? facts.filedAt
}
