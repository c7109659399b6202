import type { CameraConfig } from '../../core/config/city.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { PictureTask } from '../../core/ports/pictures.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'
import type { AlertHooks } from '../hooks.ts'
import { readNearCameras } from './city.ts'
import { readSensors } from './store.ts'

/** So many cameras, the nearest, have a picture taken of an exceedance. */
const MAX_CAMERAS = 4
const PRE_ROLL_MS: DurationMs = 10_000
const POST_ROLL_MS: DurationMs = 10_000
const HOUR_MS: DurationMs = 3_600_000

/** Asks for pictures out of cameras' rings, in the caller's transaction. Asked again for the same alert it changes nothing. */
export type RequestPictures = (
  tx: Queryable,
  request: {
    readonly alertId: string
    readonly cameras: readonly string[]
    readonly moment: EpochMs
    readonly from: EpochMs
    readonly to: EpochMs
    readonly kinds: readonly PictureTask['kind'][]
  },
) => Promise<void>

/** An exceedance that opens pulls a still and a clip of the cameras near its sensor, of the moment at which it was decided. */
export function createSensorPictures(deps: {
  readonly requestPictures: RequestPictures
  readonly clock: Clock
}): AlertHooks['onTransition'] {
  return async (tx, alert, transition) => {
    if (transition !== 'opened' || alert.sourceKind !== 'sensor' || alert.type !== 'exceedance') return
    const configured = (await readSensors(tx, [alert.sourceId])).get(alert.sourceId)
    if (!configured) return
    const moment = alert.startedAt
    const cameras = (await readNearCameras(tx, configured.sensor))
      .slice(0, MAX_CAMERAS)
      .filter((camera) => mayHold(camera, moment, deps.clock.now()))
      .map(({ id }) => id)
    if (cameras.length === 0) return
    await deps.requestPictures(tx, {
      ...{ alertId: alert.id, cameras, moment, kinds: ['still', 'clip'] },
      ...{ from: moment - PRE_ROLL_MS, to: moment + POST_ROLL_MS },
    })
  }
}

/** An exceedance that is found days late is not in a ring of hours: nobody is sent to look. */
const mayHold = ({ recording }: CameraConfig, moment: EpochMs, now: EpochMs): boolean =>
  recording.mode !== 'ring' || now - moment < recording.hours * HOUR_MS
