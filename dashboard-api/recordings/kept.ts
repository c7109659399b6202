import type { KeptRecording } from '../../core/api/recordings.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EvidenceSource, EvidenceStore } from '../../core/ports/evidence.ts'
import type { RecordingSource } from '../../core/ports/recordings.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { MAX_KEPT_MS, piecesOf, type RecordingCommands } from '../../core/recordings.ts'
import { CITY_WIDE_CASES, limitedTo, type PersonActor } from '../auth/people.ts'
import type { CameraReader } from '../cameras/read.ts'
import type { CaseReader } from '../cases/read.ts'
import { ALWAYS_ASK, KEEP_NOTHING, locateEvidence, sendEvidence, startsFilm } from '../evidence.ts'
import type { Handlers } from '../http/route.ts'
import type { Looks } from '../looks.ts'
import type { Seals } from '../originals/seals.ts'
import { findClip, readKept } from './read-kept.ts'
import type { recordingRoutes } from './routes.ts'

const HOUR_MS = 3_600_000

/** Keeping ranges of recordings as evidence, and what was kept. */
export function keptHandlers(deps: {
  readonly database: Database
  readonly cameras: CameraReader
  readonly cases: CaseReader
  readonly recordings: RecordingSource & Pick<EvidenceSource, 'pin'>
  readonly recordingCommands: RecordingCommands
  readonly evidenceStore: EvidenceStore
  readonly looks: Looks
  readonly seals: Seals
  readonly clock: Clock
  readonly log: Log
}): Handlers<
  Pick<typeof recordingRoutes, 'keepRecording' | 'keptRecordings' | 'keptRecording' | 'keptClip'>
> {
  const { database, cameras, cases, recordings, looks, log } = deps

  /** Throws `not_found` also for what belongs to another department's case, or to none, when an officer asks. */
  const find = async (id: string, actor: PersonActor): Promise<KeptRecording> => {
    const [kept] = await readKept(database, { id }, limitedTo(actor, CITY_WIDE_CASES))
    if (kept) return kept
    throw new SharpEyesError('not_found', `there is no kept recording ${id}`)
  }
  const pin = async (camera: string, pins: Awaited<ReturnType<RecordingCommands['keep']>>['pins']) => {
    for (const { id, from, to } of pins) {
      await recordings.pin(id, camera, from, to).catch((error: unknown) =>
        // It is kept all the same, unless the ring sheds it before its turn comes.
        log.warn(
          { camera, pin: id, error: toSharpEyesError(error).message },
          'a kept recording is not pinned',
        ),
      )
    }
  }

  return {
    async keepRecording({ params, actor, body }) {
      const camera = await cameras.find(params.id, actor)
      const { from, to, reason, caseNo } = body()
      if (from >= to)
        throw new SharpEyesError('invalid', 'from: is not before "to"', { details: { why: 'span_turned' } })
      if (to - from > MAX_KEPT_MS)
        throw new SharpEyesError(
          'invalid',
          `to: a kept range has at most ${MAX_KEPT_MS / 60_000} minutes; keep it in parts`,
          { details: { why: 'kept_long', minutes: MAX_KEPT_MS / 60_000 } },
        )
      if (caseNo !== undefined) await cases.find(database, caseNo, actor)
      const { stretches } = await recordings.ranges(camera.id, from, to)
      const pieces = piecesOf(stretches, from, to)
      if (pieces.length === 0)
        throw new SharpEyesError(
          'not_found',
          `camera ${camera.id} has no recording of this time that could be kept`,
        )
      await looks.write({
        who: actor.name,
        what: 'kept',
        object: `camera:${camera.id}`,
        camera: camera.id,
        purpose: camera.purpose,
        caseNo: caseNo ?? null,
        reason,
      })
      const range = { camera: camera.id, from, to, pieces, reason, caseNo: caseNo ?? null }
      const { id, pins } = await deps.recordingCommands.keep(range, actor)
      await pin(camera.id, pins)
      return find(id, actor)
    },
    async keptRecordings({ query, actor }) {
      if (query.case !== undefined) await cases.find(database, query.case, actor)
      const which = { camera: query.camera, caseNo: query.case }
      return { items: await readKept(database, which, limitedTo(actor, CITY_WIDE_CASES)) }
    },
    keptRecording: ({ params, actor }) => find(params.id, actor),
    async keptClip({ request, response, params, query, actor }) {
      await deps.seals.check(actor, query)
      const kept = await find(params.id, actor)
      const row = await findClip(database, kept, query)
      const path = await locateEvidence(deps.evidenceStore, row)
      const approval =
        query.variant === 'masked' ? null : await deps.seals.open(actor, [`recording:${kept.id}`])
      const look = {
        who: actor.name,
        what: query.variant === 'original' ? ('original' as const) : ('clip' as const),
        object: `recording:${kept.id}`,
        camera: kept.camera,
        purpose: query.purpose || (await purposeOf(kept.camera, actor)),
        caseNo: kept.caseNo,
        ...(approval ?? (query.reason ? { reason: query.reason } : {})),
      }
      if (startsFilm(request)) await looks.write(look)
      else await looks.writeOnceWithin(HOUR_MS, look)
      const cache = query.variant === 'original' ? KEEP_NOTHING : ALWAYS_ASK
      await sendEvidence(response, { path, etag: row.sha256, mediaType: row.media_type, cache })
    },
  }

  /** A camera that left the configuration has none any more. */
  async function purposeOf(camera: string, actor: PersonActor): Promise<string> {
    return cameras.find(camera, actor).then(
      ({ purpose }) => purpose,
      () => 'unknown',
    )
  }
}
