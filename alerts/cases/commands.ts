import { decide, noSuchCase } from '../../core/case/decide.ts'
import type { CaseEvent } from '../../core/case/event.ts'
import { evolveAll } from '../../core/case/evolve.ts'
import { checkFiling, openCase } from '../../core/case/filing.ts'
import { readRecheck } from '../../core/case/read-recheck.ts'
import { remarkOn } from '../../core/case/remark.ts'
import { mayAttach, seesCase } from '../../core/case/rights.ts'
import { scheduleOf } from '../../core/case/schedule-of.ts'
import type { CaseFacts } from '../../core/case/state.ts'
import type { WorkSchedule } from '../../core/case/working-time.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { CaseCommands, CaseResult } from '../../core/ports/commands.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { matchRoute } from '../../core/route.ts'
import { scheduleClock } from '../deadlines/schedule.ts'
import { cancelRepeats } from '../delivery/cancel.ts'
import type { JobSender } from '../jobs/queues.ts'
import { noticesOf } from '../routing/case-notices.ts'
import { readCity, readDepartments, readRoutes } from '../routing/city.ts'
import { type NotifyDeps, notifyAboutCase } from '../routing/notify.ts'
import { addAttachment, attachmentsOf } from './attachments.ts'
import { lockFiledAlert, markAlertFiled, matterByHand, matterOfAlert, openCaseOf } from './matter.ts'
import { nextNumber } from './number.ts'
import { onceOnly, recall } from './once.ts'
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

    async execute(no, command, actor, once) {
      let alert: string | null = null
      const { answer, again } = await database.transaction((tx) =>
        onceOnly(tx, once, { person: actor.name, now: clock.now() }, async () => {
          // Lock order: the alert before its case.
          if (command.kind === 'reopen') await lockAlertOf(tx, no)
          const before = await lockCase(tx, no)
          if (!before) throw noSuchCase(no)
          alert = before.alertId
          const schedule = scheduleOf(await readCity(tx))
          const decision = decide(before, command, actor, clock.now(), {
            departments: new Set((await readDepartments(tx)).keys()),
            attachments: await attachmentsOf(tx, no),
            recheck: command.kind === 'verify' ? await readRecheck(tx, before, clock.now()) : null,
            schedule,
          })
          if (decision.kind === 'refused') throw decision.error
          if (command.kind === 'reopen') await mayReopen(tx, before)
          return resultOf(await commit(tx, deps, before, decision.events, schedule))
        }),
      )
      if (again) {
        log.info({ case: no, command: command.kind, actor: actor.name }, 'a case command came again')
        return answer
      }
      metrics.count('case_commands_total', { kind: String(command.kind) })
      log.info(
        { case: no, alert, command: command.kind, state: answer.state, actor: actor.name },
        'case moved',
      )
      return answer
    },

    async attach(no, attachment, actor, once) {
      const { answer } = await database.transaction((tx) =>
        onceOnly(tx, once, { person: actor.name, now: clock.now() }, async () => {
          const facts = await lockCase(tx, no)
          if (!facts || !seesCase(actor, facts)) throw noSuchCase(no)
          if (!mayAttach(facts, actor)) {
            throw new SharpEyesError(
              'forbidden',
              `adding a picture to case ${no} (${facts.state}) is for operators and its departments while it is open, and for verifiers while it is checked`,
            )
          }
          const { id } = await addAttachment(tx, facts, attachment, actor.name, clock.now())
          return { id, sha256: attachment.sha256 }
        }),
      )
      return answer
    },

    async remark(no, remark, actor, once) {
      const { answer } = await database.transaction((tx) =>
        onceOnly(tx, once, { person: actor.name, now: clock.now() }, async () => {
          const facts = await lockCase(tx, no)
          if (!facts) throw noSuchCase(no)
          const entry = remarkOn(facts, remark, actor, clock.now(), await attachmentsOf(tx, no))
          return resultOf(await append(tx, facts, [entry]))
        }),
      )
      return answer
    },

    attached: (once, actor) => recall(database, once, actor.name),
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
    { details: { why: 'has_case', state: facts.state, version: facts.version, no: other.no } },
  )
}
