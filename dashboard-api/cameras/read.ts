import type { Role } from '../../core/actor.ts'
import type { CameraItem, List } from '../../core/api/shapes.ts'
import { CATALOGUE } from '../../core/catalogue.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import { isEnabled } from '../../core/config/rule.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { CameraStatus } from '../../core/ports/control.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import { told } from '../../core/told.ts'
import { limitedTo, type PersonActor } from '../auth/people.ts'
import type { City, CityReader } from '../city.ts'
import { readPage } from '../http/paging.ts'
import { placeOf } from '../http/values.ts'

/** A lease is lost after 20 s without renewal: an older status says nothing of now. */
const STATUS_MAX_AGE_MS = 20_000

export interface CameraReader {
  list(actor: PersonActor): Promise<List<CameraItem>>
  detail(id: string, actor: PersonActor): Promise<CameraItem>
  /** The configuration; throws `not_found` also where the asker has no open case. `allowed`: as of `limitedTo`. */
  find(id: string, actor: PersonActor, allowed?: readonly Role[]): Promise<CameraConfig>
}

interface StatusRow {
  readonly camera: string
  readonly worker: string
  readonly status: CameraStatus
  readonly updated_at: Date
}

export function createCameraReader(deps: {
  database: Database
  city: CityReader
  clock: Clock
}): CameraReader {
  const { database, clock } = deps

  const read = async (only: string | null, actor: PersonActor): Promise<List<CameraItem>> => {
    const city = await deps.city.read()
    const now = clock.now()
    const { page, asOf } = await readPage(database, async (tx) => {
      const allowed = await camerasOf(tx, actor)
      const status = await tx.query<StatusRow>(
        'select camera, worker, status, updated_at from camera_status where ($1::text is null or camera = $1)',
        [only],
      )
      const looks = await tx.query<{ camera: string; people: number }>(
        `select camera, count(distinct who)::int as people from looks
         where at >= date_trunc('day', now(), $1) and camera is not null and ($2::text is null or camera = $2)
         group by camera`,
        [city.facts.timezone, only],
      )
      return {
        allowed,
        status: new Map(status.rows.map((row) => [row.camera, row])),
        looks: new Map(looks.rows.map((row) => [row.camera, row.people])),
      }
    })
    const items = [...city.cameras.values()]
      .filter(({ id }) => (only === null || id === only) && (page.allowed === null || page.allowed.has(id)))
      .map((camera) => toItem(camera, page.status.get(camera.id), page.looks.get(camera.id) ?? 0, city, now))
    return { items, next: null, asOf }
  }

  return {
    list: (actor) => read(null, actor),
    async detail(id, actor) {
      const [item] = (await read(id, actor)).items
      if (item) return item
      throw noCamera(id)
    },
    async find(id, actor, allowed) {
      const city = await deps.city.read()
      const camera = city.cameras.get(id)
      const theirs = await camerasOf(database, actor, allowed)
      if (camera && (theirs === null || theirs.has(id))) return camera
      throw noCamera(id)
    },
  }
}

const noCamera = (id: string) => new SharpEyesError('not_found', `there is no camera "${id}"`)

/** An officer sees the cameras of the department's open cases; null: all. */
export async function camerasOf(
  tx: Queryable,
  actor: PersonActor,
  allowed?: readonly Role[],
): Promise<ReadonlySet<string> | null> {
  const department = limitedTo(actor, allowed)
  if (department === null) return null
  const { rows } = await tx.query<{ camera: string }>(
    `select distinct camera from cases
     where (lead = $1 or $1 = any(assist)) and camera is not null and state not in ('closed', 'voided')`,
    [department],
  )
  return new Set(rows.map((row) => row.camera))
}

function toItem(
  camera: CameraConfig,
  row: StatusRow | undefined,
  looksToday: number,
  city: City,
  now: number,
): CameraItem {
  const fresh = row !== undefined && now - row.updated_at.getTime() <= STATUS_MAX_AGE_MS
  const status = row?.status
  const iso = (at: number | null | undefined) => (typeof at === 'number' ? new Date(at).toISOString() : null)
  const lost = row
    ? {
        problem: `no word of worker ${row.worker} since ${row.updated_at.toISOString()}`,
        trouble: told('worker_silent', {
          worker: row.worker.slice(0, 200),
          since: row.updated_at.toISOString(),
        }),
      }
    : { problem: 'no worker has taken this camera yet', trouble: told('no_worker') }
  return {
    id: camera.id,
    name: camera.name,
    purpose: camera.purpose,
    place: placeOf(camera, city),
    state: fresh && status ? status.state : 'unassigned',
    since: fresh ? iso(status?.since) : (row?.updated_at.toISOString() ?? null),
    attention: fresh ? (status?.attention ?? null) : null,
    ...(fresh ? { problem: status?.problem ?? null, trouble: status?.trouble ?? null } : lost),
    codec: status?.codec ?? null,
    width: status?.width ?? null,
    height: status?.height ?? null,
    lastFrameAt: iso(status?.lastFrameAt),
    live: !hasPlainLive(camera) ? 'stills' : isPlayable(status?.codec ?? null) ? 'mse' : 'mpeg1',
    masking: typeof camera.masking === 'string' ? camera.masking : `none: ${camera.masking.none}`,
    zones: camera.zones,
    rules: camera.rules.map((rule) => ({
      id: rule.id,
      type: rule.type,
      zone: rule.zone ?? null,
      enabled: isEnabled(rule),
      unavailable: unavailable(rule.type, fresh ? status : undefined),
    })),
    looksToday,
  }
}

/** What privacy polygons hide is hidden on every screen: such a camera is shown in masked stills only. */
export const hasPlainLive = (camera: CameraConfig): boolean => camera.privacy.length === 0

/** H.264, and H.265 where the browser's machine can; unknown yet: try. */
const isPlayable = (codec: string | null): boolean =>
  codec === null || /^(h\.?26[45]|hevc|avc|hvc|hev)/i.test(codec)

/** The worker knows its models; what is not built in this version nobody watches. */
function unavailable(type: keyof typeof CATALOGUE, status: CameraStatus | undefined): string | null {
  const told = status?.unavailable.find((entry) => entry.type === type)?.reason
  if (told !== undefined) return told
  const { kind } = CATALOGUE[type].needs
  if (kind === 'not_built') return 'not built yet'
  return kind === 'sensor' ? 'comes from a sensor with a limit, not from a camera' : null
}
