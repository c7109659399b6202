import { type Actor, hasRole } from '../../core/actor.ts'
import { invalidBy } from '../../core/api/invalid.ts'
import type { RawInput } from '../../core/case/command.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { Metrics } from '../../core/ports/telemetry.ts'
import {
  MARK_ROLES,
  type MarkInput,
  markInputSchema,
  type SensorCommands,
} from '../../core/sensors/commands.ts'
import type { EpochMs } from '../../core/units.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { retried } from '../inbox/settle.ts'
import { LIMIT_CHANGED } from './batch.ts'
import { endOpen, judgeSensors } from './judge.ts'
import { withConfig } from './record.ts'
import { lockSensors, readSensors, writeSensors } from './store.ts'
import { createTelling } from './tell.ts'

/**
 * What people do with readings. Checks in the order rights (403), existence (404), content (422). The mark, the judgement
 * that follows from it and both their lines in the log are one transaction.
 */
export function createSensorCommands(deps: {
  readonly database: Database
  readonly inbox: Pick<Inbox, 'applyIn'>
  readonly clock: Clock
  readonly metrics: Metrics
}): SensorCommands {
  const { database, inbox, clock, metrics } = deps

  async function mark(
    id: string,
    input: MarkInput | RawInput,
    actor: Actor,
  ): Promise<{ readonly id: string }> {
    const { markId, report } = await database.transaction(async (tx) => {
      const configured = (await readSensors(tx, [id])).get(id)
      if (!configured) throw new SharpEyesError('not_found', `there is no sensor "${id.slice(0, 64)}"`)
      const { sensor } = configured
      const now = clock.now()
      const range = contentOf(input, now)
      const known = (await lockSensors(tx, [configured], now)).get(sensor.id)
      if (!known) throw new Error(`sensor ${sensor.id} has no row after it was locked`)
      const telling = createTelling(now, metrics)
      const { record, limitChanged } = withConfig(known, configured, now)
      if (limitChanged) await endOpen(tx, sensor.id, LIMIT_CHANGED, telling)
      const { device, factor } = record
      const markId = await insertMark(tx, { device, factor, ...range }, actor, now)
      telling.note({
        topic: 'sensor',
        key: sensor.id,
        payload: {
          kind: 'marked',
          sensor: sensor.id,
          actor: actor.name,
          mark: markId,
          flag: range.flag,
          reason: range.reason,
          from: new Date(range.from).toISOString(),
          to: new Date(range.to).toISOString(),
        },
      })
      const remarked = [{ from: range.from, to: range.to, period: null }]
      const news = { sensor, record, readings: [], marks: [], remarked }
      await writeSensors(tx, await judgeSensors(tx, [news], telling))
      return { markId, report: await telling.write(tx, inbox) }
    })
    report()
    metrics.count('reading_marks_total', { by: 'person' })
    return { id: markId }
  }

  return {
    async mark(id, input, actor) {
      if (!MARK_ROLES.some((role) => hasRole(actor, role)))
        throw new SharpEyesError(
          'forbidden',
          `only an ${MARK_ROLES.join(' or ')} may mark readings; ${actor.name} is none`,
        )
      // Readings of the sensor may come at the same moment: a lost race is run again.
      const onRetry = () => metrics.count('readings_retries_total')
      return retried(() => mark(id, input, actor), { clock, onRetry })
    },
  }
}

function contentOf(input: MarkInput | RawInput, now: EpochMs) {
  const parsed = markInputSchema(now).safeParse(input)
  if (parsed.success) return parsed.data
  throw invalidBy(parsed.error)
}

async function insertMark(
  tx: Queryable,
  mark: {
    readonly device: string
    readonly factor: string
    readonly from: EpochMs
    readonly to: EpochMs
    readonly flag: string
    readonly reason: string
  },
  actor: Actor,
  now: EpochMs,
): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    `insert into reading_marks (device, factor, from_at, to_at, flag, reason, actor_kind, actor, made_at)
     values ($1, $2, $3, $4, $5, $6, 'person', $7, $8) returning id`,
    [
      ...[mark.device, mark.factor, new Date(mark.from), new Date(mark.to), mark.flag, mark.reason],
      ...[actor.name, new Date(now)],
    ],
  )
  const [row] = rows
  if (!row) throw new Error('an inserted mark did not come back')
  return row.id
}
