import { join } from 'node:path'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { TrackLogEntry, TrackLogHead } from '../../core/track-log.ts'
import type { EpochMs } from '../../core/units.ts'
import { readEntries, trackLogFiles } from './files.ts'
import { createTrackLog, type TrackLog, type TrackLogLimits } from './track-log.ts'

/** The track logs of a worker's disk: one folder a camera. */
export interface TrackLogs {
  /** The log that a camera's analysis writes from now on; an earlier one of the same camera was stopped. */
  open(camera: string, head: TrackLogHead): Promise<TrackLog>
  /**
   * What lies on the disk of pictures captured in [from, to), oldest file first, with the head of each. Also of cameras
   * that are no longer held here. What cannot be read of a file is counted and passed over.
   */
  read(camera: string, from: EpochMs, to: EpochMs): AsyncGenerator<TrackLogEntry>
  /** The disk is full: each camera gives up its oldest file. */
  shed(): Promise<void>
}

/** A file that is not closed says no end: it may go on for the length of one and some more. */
const LONGEST_OPEN_MS = 2 * 3_600_000

export function createTrackLogs(deps: {
  readonly folder: string
  readonly limits: TrackLogLimits
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}): TrackLogs {
  const { folder, metrics } = deps
  const logs = new Map<string, TrackLog>()
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  return {
    async open(camera, head) {
      const log = await createTrackLog({ ...deps, camera, head, inTurn, folder: join(folder, camera) })
      logs.set(camera, log)
      return {
        ...log,
        async stop() {
          await log.stop()
          if (logs.get(camera) === log) logs.delete(camera)
        },
      }
    },
    async *read(camera, from, to) {
      await logs.get(camera)?.flush()
      for (const file of await trackLogFiles(join(folder, camera))) {
        if (file.from >= to || (file.to ?? file.from + LONGEST_OPEN_MS) < from) continue
        let passedOver = 0
        try {
          for await (const { entry, passed } of readEntries(file.path)) {
            passedOver = passed
            if (entry.kind !== 'picture') yield entry
            else if (entry.picture.capturedAt >= from && entry.picture.capturedAt < to) yield entry
          }
        } catch (error) {
          // Shed, or packed, between the look at the folder and here; or its packing was cut off by a full disk.
          deps.log.warn(
            { camera, file: file.path, error: String(error) },
            'a file of the track log was not read',
          )
          metrics.count('track_log_unread_total', { camera })
          yield { kind: 'lost', pictures: 1 }
        }
        if (passedOver > 0) metrics.count('track_log_unread_total', { camera }, passedOver)
      }
    },
    async shed() {
      await Promise.all([...logs.values()].map((log) => log.shed()))
    },
  }
}
