import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeChange } from '../../core/changes.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type {
  Clock,
  Database,
  EvidenceSource,
  EvidenceStore,
  Log,
  Masker,
  Metrics,
  Queryable,
} from '../../core/ports.ts'

export interface ClipDeps {
  readonly database: Database
  readonly source: EvidenceSource
  readonly store: EvidenceStore
  readonly masker: Masker
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Where half-made clips lie; emptied by whoever starts. */
  readonly workFolder: string
}

const POLL_MS = 1_000
/** The masked film is there within 60 s (DESIGN section 1); encoding one takes some seconds of them. */
const IN_TIME_MS = 45_000
const MAX_ATTEMPTS = 5
/** One encode at a time, and none that hangs for ever. */
const ENCODE_LIMIT_MS = 120_000
/** The ring writes the last fragments a moment after they were captured. */
const SETTLE_MS = 1_500

interface ClipRequest {
  alert_id: string
  camera: string
  pin_id: string
  from_at: Date
  to_at: Date
  started_at: Date
  attempts: number
  box: [number, number, number, number] | null
  body: CameraConfig | null
}

/** Makes the clips of alerts, one at a time, until the signal: the sealed original and its masked copy. */
export async function runClips(deps: ClipDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const made = await runClipsOnce(deps, signal).catch((error) => {
      deps.log.error({ error: toSharpEyesError(error).message }, 'looking for clips to make failed')
      return false
    })
    if (!made) await deps.clock.sleep(POLL_MS, signal).catch(() => undefined)
  }
}

/**
 * Makes the clip that waits longest of those that can still be there within a minute, else of the late ones: behind a
 * backlog every clip would be late. False when none is due.
 */
export async function runClipsOnce(deps: ClipDeps, signal: AbortSignal): Promise<boolean> {
  const { database, clock, log, metrics } = deps
  const due = new Date(clock.now() - SETTLE_MS)
  const { rows } = await database.query<ClipRequest>(
    `update clip_requests q set attempts = attempts + 1, updated_at = now()
     from alerts a left join config_objects c on c.kind = 'camera' and c.id = a.source_id
     where q.alert_id = a.id and q.alert_id = (
       select alert_id from clip_requests
       where state = 'waiting' and to_at <= $1 and (attempts = 0 or updated_at < now() - make_interval(secs => 5 * attempts))
       order by to_at < $2, to_at limit 1 for update skip locked)
     returning q.*, a.started_at, a.cause -> 'box' as box, c.body`,
    [due, new Date(clock.now() - IN_TIME_MS)],
  )
  const request = rows[0]
  if (!request) return false
  const started = clock.now()
  try {
    await makeClip(request, deps, signal)
    metrics.observe('clip_seconds', {}, (clock.now() - started) / 1_000)
  } catch (thrown) {
    if (signal.aborted) return false
    const error = toSharpEyesError(thrown)
    const final = request.attempts >= MAX_ATTEMPTS || error.code === 'expired'
    metrics.count('clip_failures_total')
    log.warn(
      {
        alert: request.alert_id,
        camera: request.camera,
        attempt: request.attempts,
        final,
        error: error.message,
      },
      'the clip was not made',
    )
    await settle(database, request, final ? 'failed' : 'waiting', error.message)
    if (final) await deps.source.unpin(request.pin_id)
  }
  return true
}

async function makeClip(request: ClipRequest, deps: ClipDeps, signal: AbortSignal): Promise<void> {
  const { database, source, store, masker, workFolder } = deps
  const camera = request.body
  if (!camera) throw gone(request, 'its camera is no longer configured')
  const name = join(workFolder, randomUUID())
  const original = `${name}.original.mp4`
  const masked = `${name}.masked.mp4`
  try {
    const cut = await source.clip({
      camera: request.camera,
      pinId: request.pin_id,
      from: request.from_at.getTime(),
      to: request.to_at.getTime(),
      moment: request.started_at.getTime(),
      path: original,
    })
    if (!cut) throw gone(request, 'the recording does not cover it')
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ENCODE_LIMIT_MS)])
    const { method } = await masker.clip({
      source: original,
      target: masked,
      camera,
      hazard: { box: request.box },
      signal: limit,
    })
    const meta = {
      from: new Date(cut.from).toISOString(),
      to: new Date(cut.to).toISOString(),
      codec: cut.codec,
      width: cut.width,
      height: cut.height,
      method,
    }
    // What lies in a privacy polygon is never stored: such a camera's clip has no original.
    const sealed = camera.privacy.length === 0 ? await store.put({ path: original }) : null
    const shown = await store.put({ path: masked })
    await database.transaction(async (tx) => {
      await tx.query('select 1 from alerts where id = $1 for update', [request.alert_id])
      await insert(tx, request, 'masked', shown, { ...meta, codec: 'h264' }, cut.from)
      if (sealed) await insert(tx, request, 'original', sealed, meta, cut.from)
      await tx.query(
        "update clip_requests set state = 'done', error = null, updated_at = now() where alert_id = $1",
        [request.alert_id],
      )
      await writeChange(tx, {
        topic: 'alert',
        key: request.alert_id,
        payload: { id: request.alert_id, clip: 'ready' },
      })
    })
    await source.unpin(request.pin_id)
  } finally {
    await Promise.all([rm(original, { force: true }), rm(masked, { force: true })])
  }
}

async function insert(
  tx: Queryable,
  request: ClipRequest,
  variant: 'masked' | 'original',
  file: { sha256: string; bytes: number },
  meta: object,
  from: number,
): Promise<void> {
  await tx.query(
    `insert into evidence (id, owner_kind, owner_id, kind, variant, sha256, bytes, media_type, captured_at, meta, created_by)
     values ($1, 'alert', $2, 'clip', $3, $4, $5, 'video/mp4', $6, $7, 'clips')
     on conflict (owner_kind, owner_id, kind, variant, sha256) do nothing`,
    [randomUUID(), request.alert_id, variant, file.sha256, file.bytes, new Date(from), JSON.stringify(meta)],
  )
}

async function settle(
  database: Database,
  request: ClipRequest,
  state: 'waiting' | 'failed',
  error: string,
): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query(
      'update clip_requests set state = $2, error = $3, updated_at = now() where alert_id = $1',
      [request.alert_id, state, error],
    )
    if (state === 'failed') {
      await writeChange(tx, {
        topic: 'alert',
        key: request.alert_id,
        payload: { id: request.alert_id, clip: 'failed' },
      })
    }
  })
}

const gone = (request: ClipRequest, why: string) =>
  new SharpEyesError(
    'expired',
    `no clip of camera ${request.camera} from ${request.from_at.toISOString()}: ${why}`,
  )
