import { createHash } from 'node:crypto'
import type { PhotoFacts } from '../../core/api/field.ts'
import type { RecheckItem } from '../../core/api/recheck.ts'
import type { CaseDetail } from '../../core/api/shapes.ts'
import { moves } from '../../core/case/moves.ts'
import { readRecheck } from '../../core/case/read-recheck.ts'
import { RECHECK_SILENCE_MS, type Recheck } from '../../core/case/recheck.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { canonicalText } from '../../core/pack/manifest.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { EpochMs } from '../../core/units.ts'
import { type AlertRow, SELECT_ALERTS, toAlertItem } from '../alerts/rows.ts'
import { CITY_WIDE_CASES, limitedTo, type PersonActor } from '../auth/people.ts'
import type { City, CityReader } from '../city.ts'
import { readHolds } from '../holds/read.ts'
import { createConditions } from '../http/paging.ts'
import { readNotifications } from '../notifications.ts'
import { CASE_OF_DEPARTMENT, type CaseRow, SELECT_CASES, toCaseItem } from './rows.ts'

/** Cases as a person may see them. */
export interface CaseReader {
  /** Throws `not_found` also for another department's case. */
  detail(no: string, actor: PersonActor): Promise<CaseDetail>
  find(tx: Queryable, no: string, actor: PersonActor): Promise<CaseRow>
}

export function createCaseReader(deps: { database: Database; city: CityReader; clock: Clock }): CaseReader {
  const { database } = deps

  const find = async (tx: Queryable, no: string, actor: PersonActor): Promise<CaseRow> => {
    const where = createConditions()
    where.add('c.no = $?', no)
    const department = limitedTo(actor, CITY_WIDE_CASES)
    if (department !== null) where.add(CASE_OF_DEPARTMENT, department)
    const { rows } = await tx.query<CaseRow>(`${SELECT_CASES} where ${where.sql()}`, where.params)
    if (rows[0]) return rows[0]
    throw new SharpEyesError('not_found', `there is no case ${no}`)
  }

  return {
    find,
    async detail(no, actor) {
      const city = await deps.city.read()
      return database.transaction(async (tx) => {
        await tx.query('set transaction isolation level repeatable read read only')
        return toDetail(tx, await find(tx, no, actor), city, actor, deps.clock.now())
      })
    },
  }
}

interface LogRow {
  readonly seq: number
  readonly at: Date
  readonly actor: string
  readonly actor_kind: 'person' | 'machine'
  readonly role: string | null
  readonly kind: string
  readonly from_state: string | null
  readonly to_state: string | null
  readonly reason: string | null
  readonly data: Record<string, unknown>
}

interface AttachmentRow {
  readonly id: string
  readonly name: string | null
  readonly sha256: string
  readonly bytes: string
  readonly media_type: string
  readonly created_by: string
  readonly created_at: Date
  readonly captured_at: Date | null
  readonly meta: Partial<Pick<PhotoFacts, 'phase' | 'place'>>
}

const iso = (at: number): string => new Date(at).toISOString()

function toRecheckItem(recheck: Recheck | null): RecheckItem | null {
  if (!recheck) return null
  const { result, source, from, now, watchedMs, lastSeenAt, reportedAt, again, firing } = recheck
  return {
    ...{ result, source, watchedMs, again, firing, neededMs: RECHECK_SILENCE_MS },
    from: iso(from),
    at: iso(now),
    lastSeenAt: lastSeenAt === null ? null : iso(lastSeenAt),
    reportedAt: iso(reportedAt),
  }
}

async function toDetail(
  tx: Queryable,
  row: CaseRow,
  city: City,
  actor: PersonActor,
  now: EpochMs,
): Promise<CaseDetail> {
  const { no, body } = row
  const log = await tx.query<LogRow>(
    `select seq, at, actor, actor_kind, role, kind, from_state, to_state, reason, data
     from follow_ups where case_no = $1 order by seq`,
    [no],
  )
  const attachments = await tx.query<AttachmentRow>(
    `select id, name, sha256, bytes, media_type, created_by, created_at, captured_at, meta from evidence
     where owner_kind = 'case' and owner_id = $1 and kind = 'attachment' order by created_at, id`,
    [no],
  )
  // What was told of the alert before filing belongs to the same matter.
  const notifications = await readNotifications(tx, city, [
    ['case', no],
    ...(body.alertId === null ? [] : [['alert', body.alertId] as const]),
  ])
  const alert =
    body.alertId === null
      ? null
      : (await tx.query<AlertRow>(`${SELECT_ALERTS} where a.id = $1`, [body.alertId])).rows[0]
  const entries = log.rows.map(({ actor_kind, from_state, to_state, at, ...entry }) => ({
    ...entry,
    at: at.toISOString(),
    actorKind: actor_kind,
    from: from_state,
    to: to_state,
  }))
  return {
    ...toCaseItem(row, city),
    log: entries,
    logSha256: createHash('sha256').update(canonicalText(entries)).digest('hex'),
    attachments: attachments.rows.map((file) => ({
      id: file.id,
      name: file.name,
      sha256: file.sha256,
      bytes: Number(file.bytes),
      mediaType: file.media_type,
      by: file.created_by,
      at: file.created_at.toISOString(),
      phase: file.meta.phase ?? null,
      capturedAt: file.captured_at?.toISOString() ?? null,
      place: file.meta.place ?? null,
    })),
    notifications,
    holds: await readHolds(tx, { kind: 'case', id: no }),
    moves: moves(body, actor).map((move) => ({ ...move })),
    alert: alert ? toAlertItem(alert, city) : null,
    recheck: toRecheckItem(await readRecheck(tx, body, now)),
  }
}
