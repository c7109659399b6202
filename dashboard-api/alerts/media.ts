import sharp from 'sharp'
import { SharpEyesError } from '../../core/errors.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import type { PersonActor } from '../auth/people.ts'
import {
  ALWAYS_ASK,
  type EvidenceRow,
  findPicture,
  KEEP_NOTHING,
  locateEvidence,
  sendEvidence,
  startsFilm,
} from '../evidence.ts'
import type { Handlers } from '../http/route.ts'
import type { Look, Looks } from '../looks.ts'
import type { Approval, Seals } from '../originals/seals.ts'
import type { ROUTES } from '../routes.ts'
import { requestOf } from './pictures.ts'
import type { AlertReader } from './read.ts'
import { type AlertRow, clipState, stillState } from './rows.ts'

const HOUR_MS = 3_600_000
const THUMB_WIDTH = 320

/** Stills and films of alerts, by the alert's rights. The looks row is committed before the first byte. */
export function alertMediaHandlers(deps: {
  database: Database
  alerts: AlertReader
  evidenceStore: EvidenceStore
  looks: Looks
  seals: Seals
}): Handlers<Pick<typeof ROUTES, 'still' | 'clip'>> {
  const { database, alerts, evidenceStore, looks, seals } = deps

  const findOf = async (alert: AlertRow, kind: 'still' | 'clip', asked: Asked): Promise<EvidenceRow> => {
    const own = alert.source_kind === 'camera' ? alert.source_id : null
    const camera = asked.camera ?? own
    const row = await findPicture(database, alert.id, { kind, variant: asked.variant, camera })
    if (row) return row
    if (camera !== null && camera !== own) {
      throw noneNear(camera, kind, asked.variant, await requestOf(database, alert.id, camera, kind))
    }
    throw kind === 'still' ? noStill(alert, asked.variant) : noClip(alert, asked.variant)
  }

  const approvalOf = async (alert: AlertRow, actor: PersonActor, { variant }: Asked) =>
    variant === 'masked'
      ? null
      : seals.open(actor, [`alert:${alert.id}`, ...(alert.case_no === null ? [] : [`case:${alert.case_no}`])])

  return {
    async still({ response, params, query, actor }) {
      await seals.check(actor, query)
      const alert = await alerts.find(database, params.id, actor)
      const row = await findOf(alert, 'still', query)
      const path = await locateEvidence(evidenceStore, row)
      if (query.variant === 'original' && query.size !== 'full') {
        throw new SharpEyesError('invalid', 'size: a sealed original has no thumbnail')
      }
      const look = lookAt(alert, row, actor, query, 'still', await approvalOf(alert, actor, query))
      response.setHeader('X-Captured-At', (row.captured_at ?? alert.started_at).toISOString())
      if (query.size === 'full') {
        await looks.write(look)
        return sendEvidence(response, {
          path,
          etag: row.sha256,
          mediaType: row.media_type,
          cache: cacheOf(query),
        })
      }
      // A feed shows fifty small masked pictures at once and again after every scroll: one row for each person,
      // alert and hour says who saw what without burying the openings that somebody chose. The cache is as old.
      await looks.writeOnceWithin(HOUR_MS, look)
      response.setHeader('Cache-Control', `private, max-age=${HOUR_MS / 1_000}`)
      response.type('image/jpeg').send(await thumbnail(path))
    },
    async clip({ request, response, params, query, actor }) {
      await seals.check(actor, query)
      const alert = await alerts.find(database, params.id, actor)
      const row = await findOf(alert, 'clip', query)
      const path = await locateEvidence(evidenceStore, row)
      const look = lookAt(alert, row, actor, query, 'clip', await approvalOf(alert, actor, query))
      if (startsFilm(request)) await looks.write(look)
      else await looks.writeOnceWithin(HOUR_MS, look)
      await sendEvidence(response, {
        path,
        etag: row.sha256,
        mediaType: row.media_type,
        cache: cacheOf(query),
      })
    },
  }
}

interface Asked {
  readonly camera?: string | undefined
  readonly variant: 'masked' | 'original'
  readonly reason?: string | undefined
  readonly purpose?: string | undefined
}

function lookAt(
  alert: AlertRow,
  { camera }: EvidenceRow,
  actor: PersonActor,
  asked: Asked,
  what: 'still' | 'clip',
  approval: Approval | null,
): Look {
  return {
    who: actor.name,
    what: asked.variant === 'original' ? 'original' : what,
    object: `alert:${alert.id}`,
    camera,
    purpose: asked.purpose || (alert.purpose ?? 'unknown'),
    caseNo: alert.case_no,
    ...(approval ?? (asked.reason ? { reason: asked.reason } : {})),
  }
}

const cacheOf = ({ variant }: Asked): string => (variant === 'original' ? KEEP_NOTHING : ALWAYS_ASK)

const thumbnail = (path: string): Promise<Buffer> =>
  sharp(path).resize({ width: THUMB_WIDTH, withoutEnlargement: true }).jpeg({ quality: 75 }).toBuffer()

function noneNear(
  camera: string,
  kind: 'still' | 'clip',
  variant: Asked['variant'],
  request: Awaited<ReturnType<typeof requestOf>>,
): SharpEyesError {
  if (request?.state === 'waiting' && kind === 'clip') return clipPending()
  const why =
    request === null
      ? `no ${kind} of camera ${camera} was asked for`
      : request.state === 'waiting'
        ? 'the picture is not there yet'
        : request.state === 'failed'
          ? `the ${kind} could not be made: ${request.error ?? 'no reason was recorded'}`
          : 'no unmasked original of it is kept'
  return new SharpEyesError('not_found', why, {
    details: { camera, variant, state: request?.state ?? 'none' },
  })
}

const clipPending = () =>
  new SharpEyesError('clip_pending', 'the film is being written; ask again in a few seconds', {
    details: { retryAfterSeconds: 5 },
  })

function noStill(alert: AlertRow, variant: Asked['variant']): SharpEyesError {
  const state = stillState(alert)
  const { still } = alert.cause
  const why =
    variant === 'original' && state === 'ready'
      ? 'the camera keeps no unmasked original'
      : still !== null && 'failed' in still
        ? `the picture could not be taken: ${still.failed}`
        : state === 'pending'
          ? 'the picture is not there yet'
          : 'this alert has no picture'
  return new SharpEyesError('not_found', why, { details: { still: state } })
}

function noClip(alert: AlertRow, variant: Asked['variant']): SharpEyesError {
  const state = clipState(alert)
  if (state === 'pending') return clipPending()
  const why =
    state === 'failed'
      ? `the film could not be made: ${alert.clip_error ?? 'no reason was recorded'}`
      : variant === 'original' && state === 'ready'
        ? 'no unmasked original of the film is kept'
        : 'this alert has no film'
  return new SharpEyesError('not_found', why, { details: { clip: state } })
}
