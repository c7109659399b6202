import type { Request, Response } from 'express'
import { SharpEyesError } from '../core/errors.ts'
import type { Queryable } from '../core/ports/database.ts'
import type { EvidenceStore } from '../core/ports/evidence.ts'

export interface EvidenceRow {
  readonly id: string
  readonly sha256: string
  readonly media_type: string
  readonly name: string | null
  /** That it shows; null: an attachment. */
  readonly camera: string | null
  readonly captured_at: Date | null
  readonly tombstoned_at: Date | null
  readonly tombstone_reason: string | null
}

const COLUMNS =
  'e.id, e.sha256, e.media_type, e.name, e.camera, e.captured_at, e.tombstoned_at, e.tombstone_reason'

/**
 * The newest picture or film of an alert, of one camera (null: of the first that was asked for it), deleted ones
 * included; null when there never was one.
 */
export async function findPicture(
  tx: Queryable,
  alertId: string,
  which: { kind: 'still' | 'clip'; variant: 'masked' | 'original'; camera: string | null },
): Promise<EvidenceRow | null> {
  const { rows } = await tx.query<EvidenceRow>(
    `select ${COLUMNS} from evidence e
       left join picture_requests r on r.alert_id = $1::uuid and r.camera = e.camera and r.kind = e.kind
     where e.owner_kind = 'alert' and e.owner_id = $1::text and e.kind = $2 and e.variant = $3 and ($4::text is null or e.camera = $4)
     order by e.tombstoned_at is null desc, coalesce(r.rank, 0), e.created_at desc limit 1`,
    [alertId, which.kind, which.variant, which.camera],
  )
  return rows[0] ?? null
}

/** An attachment of a case, deleted ones included; null when there never was one. */
export async function findAttachment(tx: Queryable, no: string, id: string): Promise<EvidenceRow | null> {
  const { rows } = await tx.query<EvidenceRow>(
    `select ${COLUMNS} from evidence e
     where e.owner_kind = 'case' and e.owner_id = $1 and e.kind = 'attachment' and e.id = $2`,
    [no, id],
  )
  return rows[0] ?? null
}

/** The file of evidence. Throws `expired` after deletion, with rule and time. */
export async function locateEvidence(store: EvidenceStore, row: EvidenceRow): Promise<string> {
  if (row.tombstoned_at) {
    throw new SharpEyesError(
      'expired',
      `deleted at ${row.tombstoned_at.toISOString()} (${row.tombstone_reason ?? 'retention'}); its hash is kept`,
      { details: { deletedAt: row.tombstoned_at.toISOString(), reason: row.tombstone_reason } },
    )
  }
  const path = await store.locate(row.sha256)
  if (path) return path
  // Invariant 7 forbids it: a row never names a missing file. It is our fault, not the caller's.
  throw new SharpEyesError('internal', `the bytes of evidence ${row.id} (${row.sha256}) are missing`)
}

/** A browser shows these and runs none of them. What a worker calls its bytes otherwise is not believed. */
const SHOWN: readonly string[] = ['image/jpeg', 'image/png', 'image/webp', 'video/mp4']

/**
 * Answers with a stored file: Range, ETag, and a cache that only this browser has. Always asked again (`no-cache`), so
 * that every opening is seen here; sealed originals are kept by nobody.
 */
export async function sendEvidence(
  response: Response,
  file: { path: string; etag: string; mediaType: string; name?: string | null; cache: string },
): Promise<void> {
  response.setHeader('ETag', `"${file.etag}"`)
  response.setHeader('Cache-Control', file.cache)
  response.setHeader(
    'Content-Type',
    SHOWN.includes(file.mediaType) ? file.mediaType : 'application/octet-stream',
  )
  response.setHeader('Content-Disposition', disposition(file.name ?? null))
  await new Promise<void>((resolve, reject) => {
    response.sendFile(
      file.path,
      { cacheControl: false, lastModified: false, dotfiles: 'allow', etag: false },
      (error) => {
        // A player that has seen enough hangs up in the middle: nobody is left to be told.
        if (!error || response.destroyed) resolve()
        else reject(error)
      },
    )
  })
}

export const ALWAYS_ASK = 'private, no-cache'
export const KEEP_NOTHING = 'private, no-store'

/** RFC 6266: plain letters for old clients, UTF-8 for the others. Never a path, never a control character. */
function disposition(name: string | null): string {
  if (name === null) return 'inline'
  const plain = name.replaceAll(/[^A-Za-z0-9._ -]/g, '_')
  return `inline; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`
}

/** Whether a request begins a film: players ask for one in many parts, and only the first opens it. */
export function startsFilm(request: Request): boolean {
  const { range } = request.headers
  return range === undefined || !/^bytes=0*[1-9]/.test(range)
}
