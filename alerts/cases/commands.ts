import { v7 as uuidv7 } from 'uuid'
import { decide, noSuchCase } from '../../core/case/decide.ts'
import type { CaseEvent } from '../../core/case/event.ts'
import { evolveAll } from '../../core/case/evolve.ts'
import { checkFiling, openCase } from '../../core/case/filing.ts'
import { mayAttach, seesCase } from '../../core/case/rights.ts'
import { scheduleOf } from '../../core/case/schedule-of.ts'
import type { CaseFacts } from '../../core/case/state.ts'
import type { WorkSchedule } from '../../core/case/working-time.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { CaseCommands, CaseResult, Clock, Database, Log, Queryable } from '../../core/ports.ts'
import { matchRoute } from '../../core/route.ts'
import { scheduleClock } from '../deadlines/schedule.ts'
import { cancelRepeats } from '../delivery/cancel.ts'
import type { JobSender } from '../jobs/queues.ts'
import { noticesOf } from '../routing/case-notices.ts'
import { readCity, readDepartments, readRoutes } from '../routing/city.ts'
import { type NotifyDeps, notifyAboutCase } from '../routing/notify.ts'
import { lockFiledAlert, markAlertFiled, matterByHand, matterOfAlert, openCaseOf } from './matter.ts'
import { nextNumber } from './number.ts'
import { append, lockCase } from './store.ts'

export interface CaseDeps extends NotifyDeps {
  readonly database: Database
  readonly clock: Clock
  readonly jobs: JobSender
  readonly log: Log
}

/**
 * The only writer of case tables. Each call is one transaction {case, follow-ups, jobs, notifications, changes} under
 * the case's row lock (invariant 4).
 */
export function createCaseCommands(deps: CaseDeps): CaseCommands {
  const { database, clock, log, metrics } = deps

  return {
    async file(input, actor) {
      const filing = checkFiling(input, actor)
      const now = clock.now()
      const facts = await database.transaction(async (tx) => {
        const city = await readCity(tx)
        const alert = 'alertId' in filing ? await lockFiledAlert(tx, filing.alertId) : null
        const matter =
          'alertId' in filing && alert
            ? matterOfAlert(alert, filing)
            : await matterByHand(tx, filing as Exclude<typeof filing, { alertId: string }>, city)
        const route = matchRoute(await readRoutes(tx), { ...matter, grid: matter.place.grid ?? null })
        const departments = new Set((await readDepartments(tx)).keys())
        const schedule = scheduleOf(city)
        const no = await nextNumber(tx, now, city.timezone)
        const events = openCase(no, matter, route, { departments, schedule }, actor, now)
        const opened = await commit(tx, deps, null, events, schedule)
        if (alert) await markAlertFiled(tx, alert, no, actor, now)
        return opened
      })
      metrics.count('cases_filed_total', { type: facts.type, severity: String(facts.severity) })
      log.info({ case: facts.no, alert: facts.alertId, state: facts.state, actor: actor.name }, 'case filed')
      return resultOf(facts)
    },

    async execute(no, command, actor) {
      const facts = await database.transaction(async (tx) => {
        // Lock order: the alert before its case.
        if (command.kind === 'reopen') await lockAlertOf(tx, no)
        const before = await lockCase(tx, no)
        if (!before) throw noSuchCase(no)
        const schedule = scheduleOf(await readCity(tx))
        const decision = decide(before, command, actor, clock.now(), {
          departments: new Set((await readDepartments(tx)).keys()),
          attachments: await attachmentIds(tx, no),
          schedule,
        })
        if (decision.kind === 'refused') throw decision.error
        if (command.kind === 'reopen') await mayReopen(tx, before)
        return commit(tx, deps, before, decision.events, schedule)
      })
      metrics.count('case_commands_total', { kind: String(command.kind) })
      log.info(
        { case: no, alert: facts.alertId, command: command.kind, state: facts.state, actor: actor.name },
        'case moved',
      )
      return resultOf(facts)
    },

    async attach(no, attachment, actor) {
      return database.transaction(async (tx) => {
        const facts = await lockCase(tx, no)
        if (!facts || !seesCase(actor, facts)) throw noSuchCase(no)
        if (!mayAttach(facts, actor)) {
          throw new SharpEyesError(
            'forbidden',
            `adding a picture to case ${no} (${facts.state}) is for operators and its departments while it is open, and for verifiers while it is checked`,
          )
        }
        return addAttachment(tx, facts, attachment, actor.name, clock.now())
      })
    },
  }
}

const resultOf = ({ no, state, version }: CaseFacts): CaseResult => ({ no, state, version })

/** Everything that follows from entries of a locked case, in the same transaction. */
async function commit(
  tx: Queryable,
  deps: CaseDeps,
  before: CaseFacts | null,
  events: readonly CaseEvent[],
  schedule: WorkSchedule,
): Promise<CaseFacts> {
  const moved = evolveAll(before, events)
  const unreachable: CaseEvent[] = []
  for (const notice of noticesOf(before, moved, events)) {
    unreachable.push(...(await notifyAboutCase(tx, deps, moved, notice)))
  }
  const facts = await append(tx, before, [...events, ...unreachable])
  await scheduleClock(tx, deps.jobs, before, facts, schedule)
  // The clock that was warned about has stopped or moved: what is still queued of its warnings is no longer true.
  if (before?.clock && before.clock.round !== facts.clock?.round) {
    await cancelRepeats(tx, { kind: 'case', id: facts.no })
  }
  if (facts.alertId && events.some(({ kind }) => kind === 'accept' || kind === 'file')) {
    await cancelRepeats(tx, { kind: 'alert', id: facts.alertId })
  }
  return facts
}

async function attachmentIds(tx: Queryable, no: string): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from evidence
      where owner_kind = 'case' and owner_id = $1 and kind = 'attachment' and tombstoned_at is null`,
    [no],
  )
  return new Set(rows.map(({ id }) => id))
}

async function lockAlertOf(tx: Queryable, no: string): Promise<void> {
  await tx.query('select 1 from alerts where id = (select alert_id from cases where no = $1) for update', [
    no,
  ])
}

/** While a voided case lay there, its alert may have got another one. */
async function mayReopen(tx: Queryable, facts: CaseFacts): Promise<void> {
  if (!facts.alertId || facts.state !== 'voided') return
  const other = await openCaseOf(tx, facts.alertId)
  if (!other) return
  throw new SharpEyesError(
    'state_conflict',
    `alert ${facts.alertId} has case ${other.no} since this one was voided; go on with that one`,
    { details: { state: facts.state, version: facts.version, no: other.no } },
  )
}

/** The same bytes again are the same attachment; another person's upload of them is an entry of the log all the same. */
async function addAttachment(
  tx: Queryable,
  facts: CaseFacts,
  attachment: Parameters<CaseCommands['attach']>[1],
  by: string,
  at: number,
): Promise<{ id: string }> {
  const { sha256, bytes, mediaType, name, capturedAt } = attachment
  const { rows } = await tx.query<{ id: string }>(
    `insert into evidence (id, owner_kind, owner_id, kind, variant, sha256, bytes, media_type, name, captured_at,
       retention_class, created_by, created_at)
     values ($1, 'case', $2, 'attachment', 'original', $3, $4, $5, $6, $7, 'case', $8, $9)
     on conflict (owner_kind, owner_id, kind, variant, sha256, camera) do nothing returning id`,
    [
      uuidv7(),
      facts.no,
      sha256,
      bytes,
      mediaType,
      name,
      capturedAt === null ? null : new Date(capturedAt),
      by,
      new Date(at),
    ],
  )
  const [added] = rows
  const kept = added ?? (await sameAttachment(tx, facts.no, sha256))
  if (!added && (await hasUploaded(tx, facts.no, kept.id, by))) return kept
  await append(tx, facts, [
    {
      kind: 'attachment',
      at,
      actor: { kind: 'person', name: by, role: null },
      from: null,
      to: null,
      reason: null,
      data: { id: kept.id, name, sha256 },
    },
  ])
  return kept
}

async function sameAttachment(tx: Queryable, no: string, sha256: string): Promise<{ id: string }> {
  const { rows } = await tx.query<{ id: string }>(
    "select id from evidence where owner_kind = 'case' and owner_id = $1 and kind = 'attachment' and sha256 = $2",
    [no, sha256],
  )
  const [same] = rows
  if (!same) throw new SharpEyesError('internal', `attachment of case ${no} was neither added nor found`)
  return same
}

async function hasUploaded(tx: Queryable, no: string, id: string, by: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    "select 1 from follow_ups where case_no = $1 and kind = 'attachment' and actor = $2 and data ->> 'id' = $3",
    [no, by, id],
  )
  return rowCount > 0
}
