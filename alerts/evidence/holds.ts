import { v7 as uuidv7 } from 'uuid'
import { type Actor, hasRole, type Role } from '../../core/actor.ts'
import { noSuchCase } from '../../core/case/decide.ts'
import type { CaseEvent, CaseEventActor } from '../../core/case/event.ts'
import { writeChange } from '../../core/changes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { EVIDENCE_KEEPERS, type EvidenceCommands, type EvidenceOwner } from '../../core/evidence.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { EpochMs } from '../../core/units.ts'
import { type AlertRow, alertChange } from '../alert/row.ts'
import { append, lockCase } from '../cases/store.ts'

/** Of one alert or case at once: more are a mistake of a program. */
const MAX_HOLDS = 50

/** Writes `holds`; each call is one transaction with the log entry and the change row. */
export function createEvidenceCommands(deps: {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}): EvidenceCommands {
  const { database, clock, log, metrics } = deps
  return {
    async hold(owner, reason, actor) {
      const by = keeperOf(actor, 'hold evidence')
      const id = uuidv7()
      const at = clock.now()
      const gone = await database.transaction(async (tx) => {
        const write = await lockOwner(tx, owner)
        await refuseTooMany(tx, owner)
        await tx.query(
          'insert into holds (id, owner_kind, owner_id, author, reason, at) values ($1, $2, $3, $4, $5, $6)',
          [id, owner.kind, owner.id, by.name, reason, new Date(at)],
        )
        const already = (await lockEvidence(tx, owner)) + (await retryPieces(tx, owner))
        await write({ kind: 'hold', reason, data: { id, gone: already } }, by, at)
        return already
      })
      metrics.count('holds_placed_total', { owner: owner.kind })
      log.info({ owner, hold: id, actor: by.name, gone }, 'evidence is held')
      return { id, at, gone }
    },
    async release(owner, holdId, reason, actor) {
      const by = keeperOf(actor, 'release a hold')
      const at = clock.now()
      await database.transaction(async (tx) => {
        const write = await lockOwner(tx, owner)
        const { rowCount } = await tx.query(
          `update holds set released_at = $4, released_by = $5, release_reason = $6
            where id = $1 and owner_kind = $2 and owner_id = $3 and released_at is null`,
          [holdId, owner.kind, owner.id, new Date(at), by.name, reason],
        )
        if (rowCount === 0) throw await notReleased(tx, owner, holdId)
        await write({ kind: 'hold_released', reason, data: { id: holdId } }, by, at)
      })
      log.info({ owner, hold: holdId, actor: by.name }, 'a hold is released')
    },
    async exported(no, { reason, ...data }, actor) {
      const by = keeperOf(actor, 'export evidence')
      await database.transaction(async (tx) => {
        const write = await lockOwner(tx, { kind: 'case', id: no })
        await write({ kind: 'exported', reason, data }, by, clock.now())
      })
      metrics.count('packs_exported_total')
      log.info({ case: no, manifest: data.manifest, actor: by.name }, 'evidence is exported')
    },
  }
}

function keeperOf(actor: Actor, what: string): PersonEventActor {
  const role: Role | undefined = EVIDENCE_KEEPERS.find((each) => hasRole(actor, each))
  if (role) return { kind: 'person', name: actor.name, role }
  throw new SharpEyesError('forbidden', `to ${what} needs the role ${EVIDENCE_KEEPERS.join(' or ')}`)
}

type PersonEventActor = CaseEventActor & { readonly kind: 'person' }
type Entry = Extract<CaseEvent, { kind: 'hold' | 'hold_released' | 'exported' }>
type Written<E> = E extends Entry ? Pick<E, 'kind' | 'reason' | 'data'> : never
/** Says what happened where the owner's story is told: the case's log, the alert's changes. Once per transaction. */
type WriteEntry = (entry: Written<Entry>, by: PersonEventActor, at: EpochMs) => Promise<void>

/** The lock is held until the transaction ends, so that the change row comes after it. */
async function lockOwner(tx: Queryable, owner: EvidenceOwner): Promise<WriteEntry> {
  if (owner.kind === 'case') {
    const facts = await lockCase(tx, owner.id)
    if (!facts) throw noSuchCase(owner.id)
    return async (entry, actor, at) => {
      await append(tx, facts, [{ ...entry, at, actor, from: null, to: null } as CaseEvent])
    }
  }
  if (owner.kind === 'recording') return lockRecording(tx, owner.id)
  const { rows } = await tx.query<AlertRow>('select * from alerts where id = $1 for update', [owner.id])
  if (!rows[0]) throw new SharpEyesError('not_found', `there is no alert ${owner.id}`)
  return async ({ kind, reason, data }, by) => {
    const { rows: after } = await tx.query<AlertRow>(
      'update alerts set version = version + 1 where id = $1 returning *',
      [owner.id],
    )
    const [alert] = after
    if (!alert) throw new SharpEyesError('internal', `alert ${owner.id} vanished under its lock`)
    const change = alertChange(alert, kind === 'hold' ? 'held' : 'hold_released', by.name)
    await writeChange(tx, { ...change, payload: { ...change.payload, hold: { ...data, reason } } })
  }
}

async function lockRecording(tx: Queryable, id: string): Promise<WriteEntry> {
  const { rows } = await tx.query<{ camera: string; from_at: Date; to_at: Date; case_no: string | null }>(
    'select camera, from_at, to_at, case_no from kept_recordings where id = $1 for update',
    [id],
  )
  const [kept] = rows
  if (!kept) throw new SharpEyesError('not_found', `there is no kept recording ${id}`)
  const { camera, from_at, to_at, case_no } = kept
  if (case_no !== null)
    throw new SharpEyesError(
      'state_conflict',
      `recording ${id} was kept for case ${case_no} and is held with it: hold the case`,
      { details: { why: 'held_with_case', no: case_no } },
    )
  return async ({ kind, reason, data }, { name, role }) => {
    await writeChange(tx, {
      topic: 'recording',
      key: id,
      payload: {
        ...{ kind: kind === 'hold' ? 'held' : kind, actor: name, role, camera },
        ...{ from: from_at.toISOString(), to: to_at.toISOString(), hold: { ...data, reason } },
      },
    })
  }
}

async function refuseTooMany(tx: Queryable, { kind, id }: EvidenceOwner): Promise<void> {
  const { rows } = await tx.query<{ n: number }>(
    'select count(*)::int as n from holds where owner_kind = $1 and owner_id = $2 and released_at is null',
    [kind, id],
  )
  if ((rows[0]?.n ?? 0) < MAX_HOLDS) return
  throw new SharpEyesError(
    'state_conflict',
    `${kind} ${id} has ${MAX_HOLDS} holds already; release one that is no longer needed`,
    { details: { why: 'too_many_holds', most: MAX_HOLDS } },
  )
}

/**
 * Takes the lock under which retention deletes, of everything the hold is about: a deletion that began before is waited
 * for and counted, one that begins after waits for this transaction and finds the hold. Returns how many are deleted.
 */
async function lockEvidence(tx: Queryable, { kind, id }: EvidenceOwner): Promise<number> {
  const { rows } = await tx.query<{ gone: boolean }>(
    `select tombstoned_at is not null as gone from evidence
      where owner_kind = $1 and owner_id = $2 or
            $1 = 'case' and owner_kind = 'alert' and owner_id = (select alert_id::text from cases where no = $2)
      order by id for share`,
    [kind, id],
  )
  return rows.filter(({ gone }) => gone).length
}

/**
 * Pieces of kept recordings that could not be made before the hold. Their pins may be gone: each is tried once more, which
 * pins what the disk still has. Returns how many: nobody can say here whether anything of them is left. The lock is for
 * one that fails just now: it waits for this transaction, and its pin stays.
 */
async function retryPieces(tx: Queryable, { kind, id }: EvidenceOwner): Promise<number> {
  const { rows } = await tx.query<{ id: string; state: string }>(
    `select r.id, r.state from picture_requests r join kept_recordings k on k.id = r.recording
      where r.state <> 'done' and ($1 = 'recording' and k.id::text = $2 or $1 = 'case' and k.case_no = $2)
      order by r.id for update of r`,
    [kind, id],
  )
  const failed = rows.filter(({ state }) => state === 'failed').map((row) => row.id)
  await tx.query(
    `update picture_requests set state = 'waiting', attempts = 0, tried = '{}', absent_since = null, updated_at = now()
      where id = any($1::uuid[])`,
    [failed],
  )
  return failed.length
}

async function notReleased(tx: Queryable, { kind, id }: EvidenceOwner, holdId: string) {
  const { rows } = await tx.query<{ released_by: string; released_at: Date }>(
    'select released_by, released_at from holds where id = $1 and owner_kind = $2 and owner_id = $3',
    [holdId, kind, id],
  )
  const [row] = rows
  if (!row) return new SharpEyesError('not_found', `${kind} ${id} has no hold ${holdId}`)
  return new SharpEyesError(
    'state_conflict',
    `hold ${holdId} was released by ${row.released_by} at ${row.released_at.toISOString()}`,
    { details: { why: 'released', by: row.released_by, at: row.released_at.toISOString() } },
  )
}
