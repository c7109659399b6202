import type { DryRunItem } from '../../core/api/dry-run.ts'
import type { ConfigCommands } from '../../core/config/objects.ts'
import { type DryRunRequest, MAX_DRY_RUN_MS } from '../../core/dry-run.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { machineReasons } from '../../core/machine-reason.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { RecordingSource } from '../../core/ports/recordings.ts'
import type { CameraReader } from '../cameras/read.ts'
import type { CityReader } from '../city.ts'
import { spanOf } from '../events/span.ts'
import { KEEP_NOTHING } from '../evidence.ts'
import type { Handlers } from '../http/route.ts'
import type { Looks } from '../looks.ts'
import type { DryRunJobs } from './jobs.ts'
import { comparedOf, describeFindings } from './result.ts'
import type { dryRunRoutes } from './routes.ts'
import type { DryRunRow } from './rows.ts'

const HOUR_MS = 3_600_000

export function dryRunHandlers(deps: {
  readonly jobs: DryRunJobs
  readonly configCommands: ConfigCommands
  readonly cameras: CameraReader
  readonly city: CityReader
  readonly recordings: RecordingSource
  readonly looks: Looks
  readonly clock: Clock
}): Handlers<typeof dryRunRoutes> {
  const { jobs, configCommands, cameras, clock } = deps

  /** Zones, privacy masks and rules of a camera as they are in force, in the form of the city file. */
  const inForce = async (id: string) => {
    const camera = (await configCommands.list('camera')).find((item) => item.id === id)
    if (!camera) throw new SharpEyesError('not_found', `there is no camera "${id}"`)
    const { zones = {}, privacy = [], rules = [] } = camera.body
    return { zones, privacy, rules, body: camera.body }
  }
  const spanIn = ({ from, to }: { from?: string | undefined; to?: string | undefined }, timezone: string) => {
    const now = clock.now()
    const until = to === undefined ? now : Date.parse(to)
    const begin = from === undefined ? until - HOUR_MS : Date.parse(from)
    return spanOf({ from: begin, to: until }, { now, timezone, maxDays: MAX_DRY_RUN_MS / (24 * HOUR_MS) })
  }

  return {
    async startDryRun({ params: { id }, body, actor }) {
      const now = await inForce(id)
      const { zones, rules, ...asked } = body()
      const faults = await configCommands.check('camera', id, { ...now.body, zones, rules })
      if (faults.length > 0)
        throw new SharpEyesError(
          'config_invalid',
          `rules of camera ${id} that cannot be: nothing was judged`,
          {
            details: { faults: [...faults] },
          },
        )
      const { timezone } = (await deps.city.read()).facts
      const request: DryRunRequest = {
        ...{ camera: id, timezone, privacy: now.privacy },
        inForce: { zones: now.zones, rules: now.rules },
        candidate: { zones, rules },
        ...spanIn(asked, timezone),
      }
      return itemOf(await jobs.start(request, actor.name), null)
    },
    async dryRun({ params, actor }) {
      const row = await jobs.ask(params.id)
      return itemOf(row, aheadOf(row, await jobs.ahead(row), actor.name))
    },
    leaveDryRun: ({ params }) => jobs.leave(params.id),
    cancelDryRun: ({ params }) => jobs.cancel(params.id),
    async dryRunPicture({ params: { id, n }, query: { width }, actor, response }) {
      const run = await jobs.find(id)
      const event = run.findings && comparedOf(run.findings)[n]?.event
      if (!event) throw new SharpEyesError('not_found', `dry run ${id} has no event ${n}`)
      const camera = await cameras.find(run.camera, actor)
      const picture = await deps.recordings.picture(camera, event.at, width)
      if (!picture)
        throw new SharpEyesError('not_found', `camera ${camera.id} has no recording of ${iso(event.at)}`)
      await deps.looks.writeWhenBegun({
        ...{ who: actor.name, what: 'recording', object: `camera:${camera.id}`, camera: camera.id },
        ...{
          purpose: camera.purpose,
          caseNo: null,
          reason: machineReasons.write('dry_run', { id, at: iso(event.at) }),
        },
      })
      response.setHeader('Cache-Control', KEEP_NOTHING)
      response.setHeader('X-Captured-At', iso(picture.capturedAt))
      response.type('image/jpeg').send(Buffer.from(picture.jpeg))
    },
  }
}

/** What a run waits for, `now` being the row of the run that is judged. */
function aheadOf({ state, ahead }: DryRunRow, now: DryRunRow | null, reader: string): DryRunItem['ahead'] {
  if (state !== 'running' || !ahead) return null
  return {
    runs: ahead.runs,
    now: now && {
      mine: now.who === reader,
      ...{ camera: now.camera, progress: { step: now.step, share: now.share } },
    },
  }
}

function itemOf(row: DryRunRow, ahead: DryRunItem['ahead']): DryRunItem {
  const { id, camera, who, state, step, share, problem, findings } = row
  return {
    ...{ id, camera, who, state, ahead, problem },
    at: row.at.toISOString(),
    span: { from: row.from_at.toISOString(), to: row.to_at.toISOString() },
    progress: { step, share },
    result: findings && describeFindings(findings),
  }
}

const iso = (at: number): string => new Date(Math.round(at)).toISOString()
