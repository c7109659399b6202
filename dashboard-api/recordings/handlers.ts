import type { Response } from 'express'
import { type CameraConfig, keptHours } from '../../core/config/city.ts'
import { isEnabled } from '../../core/config/rule.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { machineReasons } from '../../core/machine-reason.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { RecordingSource } from '../../core/ports/recordings.ts'
import type { Metrics } from '../../core/ports/telemetry.ts'
import { encodePart } from '../../core/recording-wire.ts'
import type { EpochMs } from '../../core/units.ts'
import type { PersonActor } from '../auth/people.ts'
import { type CameraReader, hasPlainLive } from '../cameras/read.ts'
import type { CaseReader } from '../cases/read.ts'
import { spanOf } from '../events/span.ts'
import { KEEP_NOTHING } from '../evidence.ts'
import type { Handlers } from '../http/route.ts'
import type { Looks } from '../looks.ts'
import { readCoverage } from './coverage.ts'
import { createGate } from './gate.ts'
import { RECORDING_VIEWERS, refuseBefore, visibleFrom } from './rights.ts'
import type { recordingRoutes } from './routes.ts'
import { describeRecordings } from './timeline.ts'

const MAX_DAYS = 31
const HOUR_MS = 3_600_000
/** Of one person, with four cameras side by side; and of all: each is some megabytes until the browser has it. */
const MAX_PARTS = { person: 8, all: 48 }

export interface RecordingDeps {
  readonly database: Database
  readonly cameras: CameraReader
  readonly cases: CaseReader
  readonly recordings: RecordingSource
  readonly looks: Looks
  readonly clock: Clock
  readonly metrics: Metrics
}

export function recordingHandlers(
  deps: RecordingDeps,
): Handlers<Pick<typeof recordingRoutes, 'recordings' | 'recordingPart' | 'recordingPreview'>> {
  const { database, cameras, recordings, looks, clock, metrics } = deps
  const gate = createGate(MAX_PARTS, (open) => metrics.gauge('recording_parts', {}, open))

  /** The camera, when this person may see its recording of the moment; the opening is written down. */
  const open = async (
    id: string,
    actor: PersonActor,
    at: EpochMs,
    why: { readonly purpose?: string | undefined; readonly case?: string | undefined },
    may: (camera: CameraConfig) => void,
  ): Promise<CameraConfig> => {
    const camera = await cameras.find(id, actor, RECORDING_VIEWERS)
    refuseBefore(await visibleFrom(database, id, actor), at)
    if (why.case !== undefined) await deps.cases.find(database, why.case, actor)
    may(camera)
    return camera
  }
  const write = (
    camera: CameraConfig,
    actor: PersonActor,
    at: EpochMs,
    why: { purpose?: string | undefined; case?: string | undefined },
  ) =>
    // One opening, however many parts and previews it has; again after a minute in which nothing was asked for.
    looks.writeWhenBegun({
      who: actor.name,
      what: 'recording',
      object: `camera:${camera.id}`,
      camera: camera.id,
      purpose: why.purpose || camera.purpose,
      caseNo: why.case ?? null,
      reason: machineReasons.write('recording_from', { at: new Date(at).toISOString() }),
    })

  return {
    async recordings({ params, query, actor }) {
      const camera = await cameras.find(params.id, actor, RECORDING_VIEWERS)
      const now = clock.now()
      const asked = spanOf(query, { now, timezone: 'UTC', maxDays: MAX_DAYS })
      const limit = await visibleFrom(database, camera.id, actor)
      const to = Math.max(asked.from, Math.min(asked.to, now))
      const from = Math.min(Math.max(asked.from, limit ?? asked.from), to)
      const ranges = await recordings.ranges(camera.id, from, to)
      const coverage = await readCoverage(database, camera.id, { from, to })
      const keptMs = keptHours(camera) * HOUR_MS
      const found = describeRecordings({ from, to }, { now, keptMs, ranges, coverage })
      const hidden = { from: asked.from, to: from, cause: 'hidden', worker: null } as const
      return {
        ...{ camera: camera.id, from: iso(asked.from), to: iso(to) },
        show: hasPlainLive(camera) ? 'video' : 'stills',
        keptHours: keptHours(camera),
        recorded: found.recorded.map(isoSpan),
        // A camera without a rule in force is recorded only.
        analysed: !camera.rules.some(isEnabled)
          ? []
          : found.analysed.map((one) => ({ ...isoSpan(one), unavailable: [...one.unavailable] })),
        gaps: (from > asked.from ? [hidden, ...found.gaps] : found.gaps).map((gap) => ({
          ...isoSpan(gap),
          ...{ cause: gap.cause, worker: gap.worker },
        })),
      }
    },
    async recordingPart({ response, params, query, actor }) {
      const { at, ms } = query
      const camera = await open(params.id, actor, at, query, refuseMasked)
      gate.enter(actor.name, response)
      const part = await recordings.read(camera.id, at, ms)
      if (!part) throw nothingAt(camera, at)
      await write(camera, actor, at, query)
      const bytes = encodePart(part)
      metrics.count('recording_bytes_total', {}, bytes.byteLength)
      response.setHeader('Cache-Control', KEEP_NOTHING)
      response.type('application/octet-stream').send(Buffer.from(bytes.buffer))
    },
    async recordingPreview({ response, params, query, actor }) {
      const { at, width } = query
      const camera = await open(params.id, actor, at, query, () => undefined)
      const picture = await recordings.picture(camera, at, width)
      if (!picture) throw nothingAt(camera, at)
      await write(camera, actor, at, query)
      sendJpeg(response, picture)
    },
  }
}

function sendJpeg(response: Response, { jpeg, capturedAt }: { jpeg: Uint8Array; capturedAt: EpochMs }): void {
  response.setHeader('Cache-Control', KEEP_NOTHING)
  response.setHeader('X-Captured-At', iso(capturedAt))
  response.type('image/jpeg').send(Buffer.from(jpeg))
}

const iso = (at: EpochMs): string => new Date(at).toISOString()
const isoSpan = ({ from, to }: { from: EpochMs; to: EpochMs }) => ({ from: iso(from), to: iso(to) })

function refuseMasked(camera: CameraConfig): void {
  if (hasPlainLive(camera)) return
  throw new SharpEyesError(
    'forbidden',
    `camera ${camera.id} has privacy masks: its recording is shown as masked stills (preview.jpg)`,
    { details: { show: 'stills' } },
  )
}

const nothingAt = ({ id }: CameraConfig, at: EpochMs) =>
  new SharpEyesError('not_found', `camera ${id} has no recording of ${iso(at)}`)
