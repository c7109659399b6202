import type { HoldItem } from '../../core/api/holds.ts'
import type { KeptRecording } from '../../core/api/recordings.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { pictureFaults } from '../../core/picture-fault.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { CASE_OF_DEPARTMENT } from '../cases/rows.ts'
import type { EvidenceRow } from '../evidence.ts'

interface Row {
  readonly id: string
  readonly camera: string
  readonly from_at: Date
  readonly to_at: Date
  readonly reason: string
  readonly case_no: string | null
  readonly kept_by: string
  readonly kept_at: Date
  readonly holds: readonly HoldItem[]
  readonly pieces: readonly {
    readonly from: string
    readonly to: string
    readonly state: 'waiting' | 'done' | 'failed'
    readonly error: string | null
    readonly made: readonly string[]
  }[]
  readonly clips: readonly {
    readonly sha256: string
    readonly bytes: number
    readonly variant: 'masked' | 'original'
    readonly from: string | null
    readonly to: string | null
    readonly deleted: boolean
  }[]
}

/** Kept ranges, the newest first, at most 100. `department`: only those of its cases; null: all. */
export async function readKept(
  tx: Queryable,
  which: { readonly id?: string; readonly camera?: string | undefined; readonly caseNo?: string | undefined },
  department: string | null,
): Promise<KeptRecording[]> {
  const { rows } = await tx.query<Row>(
    `select k.*,
       (select coalesce(jsonb_agg(jsonb_build_object('from', r.from_at, 'to', r.to_at, 'state', r.state, 'error', r.error,
                 'made', r.made) order by r.from_at, r.id), '[]') from picture_requests r where r.recording = k.id) as pieces,
       (select coalesce(jsonb_agg(jsonb_build_object('sha256', e.sha256, 'bytes', e.bytes, 'variant', e.variant,
                 'from', e.meta ->> 'from', 'to', e.meta ->> 'to', 'deleted', e.tombstoned_at is not null)), '[]')
          from evidence e where e.camera = k.camera and e.kind = 'clip'
           and e.owner_kind = case when k.case_no is null then 'recording' else 'case' end
           and e.owner_id = coalesce(k.case_no, k.id::text)) as clips
       , (select coalesce(jsonb_agg(jsonb_build_object('id', h.id, 'by', h.author, 'reason', h.reason, 'at', h.at,
                 'releasedAt', h.released_at, 'releasedBy', h.released_by, 'releaseReason', h.release_reason)
                 order by h.at, h.id), '[]') from holds h where h.owner_kind = 'recording' and h.owner_id = k.id::text) as holds
     from kept_recordings k
     where ($1::uuid is null or k.id = $1) and ($2::text is null or k.camera = $2) and ($3::text is null or k.case_no = $3)
       and ($4::text is null or exists (select from cases c where c.no = k.case_no and ${CASE_OF_DEPARTMENT.replaceAll('$?', '$4')}))
     order by k.kept_at desc, k.id desc limit 100`,
    [which.id ?? null, which.camera ?? null, which.caseNo ?? null, department],
  )
  return rows.map(toKept)
}

function toKept(row: Row): KeptRecording {
  const iso = (text: string) => new Date(text).toISOString()
  return {
    ...{ id: row.id, camera: row.camera, from: row.from_at.toISOString(), to: row.to_at.toISOString() },
    ...{ reason: row.reason, caseNo: row.case_no, keptBy: row.kept_by, keptAt: row.kept_at.toISOString() },
    holds: row.holds.map((hold) => ({
      ...hold,
      at: iso(hold.at),
      releasedAt: hold.releasedAt && iso(hold.releasedAt),
    })),
    pieces: row.pieces.map(({ from, to, state, error, made }, index) => {
      const clip = (variant: 'masked' | 'original') =>
        row.clips.find((one) => one.variant === variant && made.includes(one.sha256)) ?? null
      const stored = (one: ReturnType<typeof clip>) =>
        one && { sha256: one.sha256, bytes: one.bytes, deleted: one.deleted }
      const masked = clip('masked')
      return {
        piece: index + 1,
        ...{ from: iso(masked?.from ?? from), to: iso(masked?.to ?? to) },
        ...{ state, error, why: pictureFaults.read(error) },
        ...{ masked: stored(masked), original: stored(clip('original')) },
      }
    }),
  }
}

/** The bytes of a piece. Throws `clip_pending` and `not_found` with why there are none. */
export async function findClip(
  tx: Queryable,
  kept: KeptRecording,
  { piece, variant }: { readonly piece: number; readonly variant: 'masked' | 'original' },
): Promise<EvidenceRow> {
  const found = kept.pieces[piece - 1]
  const what = `piece ${piece} of recording ${kept.id}`
  if (!found) throw new SharpEyesError('not_found', `there is no ${what}; it has ${kept.pieces.length}`)
  if (found.state === 'waiting')
    throw new SharpEyesError('clip_pending', 'the film is being written; ask again in a few seconds', {
      details: { retryAfterSeconds: 5 },
    })
  if (found.state === 'failed')
    throw new SharpEyesError(
      'not_found',
      `${what} could not be made: ${found.error ?? 'no reason was recorded'}`,
    )
  const clip = found[variant]
  if (!clip) throw new SharpEyesError('not_found', `no ${variant} film of ${what} is kept`)
  const { rows } = await tx.query<EvidenceRow>(
    `select id, sha256, media_type, name, camera, captured_at, tombstoned_at, tombstone_reason from evidence
      where owner_kind = $1 and owner_id = $2 and camera = $3 and kind = 'clip' and variant = $4 and sha256 = $5`,
    [kept.caseNo === null ? 'recording' : 'case', kept.caseNo ?? kept.id, kept.camera, variant, clip.sha256],
  )
  if (rows[0]) return rows[0]
  throw new SharpEyesError('internal', `the evidence of ${what} vanished`)
}
