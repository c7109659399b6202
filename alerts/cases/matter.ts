import type { Actor } from '../../core/actor.ts'
import type { FileCase } from '../../core/case/command.ts'
import type { CaseMatter } from '../../core/case/filing.ts'
import { CATALOGUE } from '../../core/catalogue.ts'
import { writeChange } from '../../core/changes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { type Severity, severitySchema } from '../../core/event.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { EpochMs } from '../../core/units.ts'
import { type AlertRow, alertChange } from '../alert/row.ts'
import { recordVerdict } from '../alert/verdicts.ts'
import { type CityFacts, readCamera } from '../routing/city.ts'

type ByAlert = Extract<FileCase, { alertId: string }>
type ByHand = Exclude<FileCase, ByAlert>

/** The alert a case is filed about, locked. 404: there is none; 409: it was rejected, or has a case already. */
export async function lockFiledAlert(tx: Queryable, alertId: string): Promise<AlertRow> {
  const { rows } = await tx.query<AlertRow>('select * from alerts where id = $1 for update', [alertId])
  const [alert] = rows
  if (!alert) throw new SharpEyesError('not_found', `there is no alert ${alertId}`)
  const existing = await openCaseOf(tx, alertId)
  if (existing) {
    throw new SharpEyesError('state_conflict', `alert ${alertId} has case ${existing.no} already`, {
      details: { why: 'has_case', no: existing.no, state: existing.state },
    })
  }
  if (alert.verdict === 'rejected') {
    throw new SharpEyesError(
      'state_conflict',
      `alert ${alertId} was rejected by ${alert.verdict_by} (${alert.verdict_reason}); confirm it before filing`,
      {
        details: { why: 'rejected', verdict: 'rejected', reason: alert.verdict_reason, by: alert.verdict_by },
      },
    )
  }
  return alert
}

/** An alert has at most one case that is not voided. */
export async function openCaseOf(
  tx: Queryable,
  alertId: string,
): Promise<{ readonly no: string; readonly state: string } | null> {
  const { rows } = await tx.query<{ no: string; state: string }>(
    "select no, state from cases where alert_id = $1 and state <> 'voided'",
    [alertId],
  )
  return rows[0] ?? null
}

export function matterOfAlert(alert: AlertRow, input: ByAlert): CaseMatter {
  return {
    type: alert.type,
    severity: alert.severity,
    alertId: alert.id,
    camera: alert.source_kind === 'camera' ? alert.source_id : null,
    purpose: alert.purpose,
    place: alert.place ?? {},
    note: input.note ?? null,
    confirmedByFiling: alert.verdict === null,
  }
}

/** 422: the camera is not configured. Without a severity the catalogue's, for other types 3. */
export async function matterByHand(tx: Queryable, input: ByHand, city: CityFacts): Promise<CaseMatter> {
  const camera = input.camera === undefined ? null : await readCamera(tx, input.camera)
  if (input.camera !== undefined && !camera) {
    throw new SharpEyesError(
      'invalid',
      `camera: "${input.camera}" is not configured; leave it out, or name one`,
      { details: { why: 'no_camera', camera: input.camera } },
    )
  }
  const place = camera ? { ...camera.place, datum: city.datum } : {}
  return {
    type: input.type,
    severity: severityOf(input),
    alertId: null,
    camera: camera?.id ?? null,
    purpose: camera?.purpose ?? null,
    place: { ...defined(place), address: input.place },
    note: input.note,
    confirmedByFiling: false,
  }
}

function severityOf({ type, severity }: ByHand): Severity {
  const known = CATALOGUE[type as keyof typeof CATALOGUE]
  return severitySchema.parse(severity ?? known?.severity ?? 3)
}

/** Without the keys that are undefined. */
function defined(place: CaseMatter['place']): CaseMatter['place'] {
  return Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined))
}

/** Names the case at its alert. Filing an alert that nobody has judged confirms it: the filer has looked at it. */
export async function markAlertFiled(
  tx: Queryable,
  alert: AlertRow,
  no: string,
  actor: Actor,
  now: EpochMs,
): Promise<void> {
  const { rows } = await tx.query<AlertRow>(
    `update alerts set case_no = $2, version = version + 1, verdict = coalesce(verdict, 'confirmed'),
            verdict_by = coalesce(verdict_by, $3), verdict_at = coalesce(verdict_at, $4),
            muted_until = null, muted_by = null, muted_reason = null
      where id = $1 returning *`,
    [alert.id, no, actor.name, new Date(now)],
  )
  const [row] = rows
  if (!row) return
  if (alert.verdict === null) await recordVerdict(tx, row)
  await writeChange(tx, alertChange(row, alert.verdict === null ? 'verdict' : 'updated', actor.name))
}
