import type { z } from 'zod'
import type { packBody } from '../../core/api/pack.ts'
import {
  manifestSchema,
  PACK_FORMAT,
  PACK_VERSION,
  type PackFile,
  type PackManifest,
} from '../../core/pack/manifest.ts'
import type { EpochMs } from '../../core/units.ts'
import type { City } from '../city.ts'
import { isoOf } from '../http/values.ts'
import type { Gathered, PackAlertRow, PackEvidenceRow } from './gather.ts'

const ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
}
const iso = (at: EpochMs): string => new Date(at).toISOString()

/** A plain name of our own: what was uploaded under any name lies under this one, and the manifest has the other. */
function pathOf({ kind, camera, variant, media_type }: PackEvidenceRow, index: number): string {
  const number = String(index + 1).padStart(3, '0')
  const what = kind === 'attachment' ? '' : `-${(camera ?? 'camera').replaceAll(/[^\w.-]/g, '_')}-${variant}`
  return `${kind}s/${number}${what}.${ENDINGS[media_type] ?? 'bin'}`
}

/** Evidence in the order of the pack; deleted pieces are listed without a path. */
export function evidenceFiles({ evidence, alert }: Gathered, city: City): PackFile[] {
  return evidence.map((row, index): PackFile => {
    const { camera, kind, tombstoned_at } = row
    // Only the event's own camera has its clock; what another camera near a sensor showed has none that is known.
    const clock = alert && camera !== null && camera === alert.source_id ? alert.cause.clock : null
    return {
      path: tombstoned_at ? null : pathOf(row, index),
      sha256: row.sha256,
      bytes: row.bytes,
      mediaType: row.media_type,
      kind,
      variant: kind === 'attachment' ? null : row.variant,
      evidence: row.id,
      name: row.name,
      by: row.created_by,
      storedAt: row.created_at.toISOString(),
      capturedAt: isoOf(row.captured_at),
      clock: clock && { kind: clock.kind, errorMs: clock.errorMs },
      masking: kind !== 'attachment' && row.variant === 'masked' ? row.method : null,
      camera,
      cameraName: camera === null ? null : (city.camera(camera)?.name ?? null),
      deleted: tombstoned_at && {
        at: tombstoned_at.toISOString(),
        reason: row.tombstone_reason ?? 'retention',
      },
    }
  })
}

/** A document that is made for the pack. */
export const documentFile = (
  path: string,
  kind: PackFile['kind'],
  mediaType: string,
  content: { readonly sha256: string; readonly bytes: number },
): PackFile => ({
  path,
  sha256: content.sha256,
  bytes: content.bytes,
  mediaType,
  kind,
  variant: null,
  evidence: null,
  name: null,
  by: null,
  storedAt: null,
  capturedAt: null,
  clock: null,
  masking: null,
  camera: null,
  cameraName: null,
  deleted: null,
})

export function manifestOf(
  { facts, held, alert }: Gathered,
  files: readonly PackFile[],
  city: City,
  asked: z.output<typeof packBody> & { readonly by: string; readonly at: EpochMs; readonly program: string },
): PackManifest {
  const { at, by, reason, purpose, originals, program } = asked
  const { name, timezone, datum } = city.facts
  // Parsed: what the reader would refuse is found here, where it can still be mended.
  return manifestSchema.parse({
    format: PACK_FORMAT,
    version: PACK_VERSION,
    made: { at: iso(at), by, reason, purpose, originals, program },
    city: { name, timezone, datum },
    case: {
      no: facts.no,
      state: facts.state,
      version: facts.version,
      type: facts.type,
      severity: facts.severity,
      purpose: facts.purpose,
      camera: facts.camera,
      place: facts.place,
      note: facts.note,
      lead: facts.lead,
      leadName: facts.lead === null ? null : city.departmentName(facts.lead),
      assist: [...facts.assist],
      filedBy: facts.filedBy,
      filedAt: iso(facts.filedAt),
      closedAt: facts.closedAt === null ? null : iso(facts.closedAt),
      reworkCount: facts.reworkCount,
      extensionCount: facts.extensionCount,
      held,
    },
    alert: alert && alertOf(alert),
    files: [...files],
  })
}

function alertOf(row: PackAlertRow): NonNullable<PackManifest['alert']> {
  const { model } = row.cause
  return {
    id: row.id,
    type: row.type,
    severity: row.severity,
    state: row.state,
    source: { kind: row.source_kind, id: row.source_id },
    zone: row.zone,
    rule: { id: row.rule_id, version: row.rule_version },
    model: model && { id: model.id, family: model.family, sha256: model.sha256 },
    verdict: row.verdict,
    verdictReason: row.verdict_reason,
    verdictNote: row.verdict_note,
    verdictBy: row.verdict_by,
    verdictAt: isoOf(row.verdict_at),
    acknowledgedBy: row.acknowledged_by,
    acknowledgedAt: isoOf(row.acknowledged_at),
    since: row.since.toISOString(),
    startedAt: row.started_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    resolvedAt: isoOf(row.resolved_at),
    occurrences: row.occurrences,
    cause: { ...row.cause },
  }
}
