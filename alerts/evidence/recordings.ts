import { v7 as uuidv7 } from 'uuid'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { RecordingCommands } from '../../core/recordings.ts'
import { HOLDER } from './requests.ts'

/** Writes `kept_recordings` and what its clips wait for, in one transaction. */
export function createRecordingCommands(deps: {
  readonly database: Database
  readonly log: Log
  readonly metrics: Metrics
}): RecordingCommands {
  const { database, log, metrics } = deps
  return {
    async keep({ camera, from, to, pieces, reason, caseNo }, actor) {
      const id = uuidv7()
      const wanted = pieces.map((piece) => ({ ...piece, id: uuidv7() }))
      await database.transaction(async (tx) => {
        await tx.query(
          `insert into kept_recordings (id, camera, from_at, to_at, reason, case_no, kept_by)
           values ($1, $2, $3, $4, $5, $6, $7)`,
          [id, camera, new Date(from), new Date(to), reason, caseNo, actor.name],
        )
        for (const piece of wanted) await insertPiece(tx, id, camera, piece)
      })
      metrics.count('recordings_kept_total')
      log.info(
        { recording: id, camera, case: caseNo, pieces: pieces.length, actor: actor.name },
        'a recording is kept',
      )
      return { id, pins: wanted }
    },
  }
}

/** Its pin has its own id: pieces are made one after the other, and each lets go of its files. */
async function insertPiece(
  tx: Queryable,
  recording: string,
  camera: string,
  piece: { readonly id: string; readonly from: number; readonly to: number },
): Promise<void> {
  const iso = (at: number) => new Date(at).toISOString()
  await tx.query(
    `insert into picture_requests (id, recording, camera, kind, pin_id, from_at, to_at, moment, worker, state)
     select $1::uuid, $2, r.camera, 'clip', $1::text, $4, $5, r.moment, ${HOLDER}, 'waiting'
       from (select $3::text as camera, $6::timestamptz as moment) r`,
    [piece.id, recording, camera, iso(piece.from), iso(piece.to), iso((piece.from + piece.to) / 2)],
  )
}

/** What a finished piece belongs to: the case that it is kept for, else the recording itself. */
export async function ownerOfRecording(
  tx: Queryable,
  recording: string,
): Promise<{ readonly kind: 'case' | 'recording'; readonly id: string }> {
  const { rows } = await tx.query<{ case_no: string | null }>(
    'select case_no from kept_recordings where id = $1',
    [recording],
  )
  const no = rows[0]?.case_no ?? null
  return no === null ? { kind: 'recording', id: recording } : { kind: 'case', id: no }
}
