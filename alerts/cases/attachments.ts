import { v7 as uuidv7 } from 'uuid'
import type { AttachmentFacts } from '../../core/case/closing.ts'
import type { CaseFacts } from '../../core/case/state.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { NewAttachment } from '../../core/ports/commands.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { append } from './store.ts'

/** Pictures of a case that still have bytes, by id. */
export async function attachmentsOf(
  tx: Queryable,
  no: string,
): Promise<ReadonlyMap<string, AttachmentFacts>> {
  const { rows } = await tx.query<{ id: string; created_by: string; created_at: Date }>(
    `select id, created_by, created_at from evidence
      where owner_kind = 'case' and owner_id = $1 and kind = 'attachment' and tombstoned_at is null`,
    [no],
  )
  return new Map(rows.map(({ id, created_by: by, created_at: at }) => [id, { by, at: at.getTime() }]))
}

/** The same bytes again are the same attachment; another person's upload of them is an entry of the log all the same. */
export async function addAttachment(
  tx: Queryable,
  facts: CaseFacts,
  attachment: NewAttachment,
  by: string,
  at: number,
): Promise<{ id: string }> {
  const { sha256, bytes, mediaType, name, capturedAt, phase, place } = attachment
  const { rows } = await tx.query<{ id: string }>(
    `insert into evidence (id, owner_kind, owner_id, kind, variant, sha256, bytes, media_type, name, captured_at, meta,
       retention_class, created_by, created_at)
     values ($1, 'case', $2, 'attachment', 'original', $3, $4, $5, $6, $7, $8, 'case', $9, $10)
     on conflict (owner_kind, owner_id, kind, variant, sha256, camera) do nothing returning id`,
    [
      uuidv7(),
      facts.no,
      sha256,
      bytes,
      mediaType,
      name,
      capturedAt === null ? null : new Date(capturedAt),
      JSON.stringify({ ...(phase ? { phase } : {}), ...(place ? { place } : {}) }),
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
