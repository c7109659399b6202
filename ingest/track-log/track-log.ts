import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import {
  createTrackLogEncoder,
  headLine,
  type LoggedPicture,
  lostLine,
  type TrackLogEncoder,
  type TrackLogHead,
} from '../../core/track-log.ts'
import type { EpochMs } from '../../core/units.ts'
import { closeFile, openName, removeParts, type TrackLogFile, trackLogFiles } from './files.ts'

export interface TrackLogLimits {
  /** Files whose last picture is older go. */
  readonly hours: number
  /** Of one camera; beyond it the oldest file goes. */
  readonly bytes: number
}

/** One camera's track log, written behind the analysis: `append` never waits and never throws. */
export interface TrackLog {
  append(picture: LoggedPicture): void
  /** Resolves when everything appended so far is in the file, or was given up. */
  flush(): Promise<void>
  /** Removes the oldest closed file: the disk is full. */
  shed(): Promise<void>
  stop(): Promise<void>
}

const FILE_MS = 3_600_000
/** Written when so many wait, or when the first that waits is so old: a crash loses no more. */
const WRITE_PICTURES = 100
const WRITE_MS = 10_000
/** More never wait: a disk that does not keep up costs lines of the log, never pictures or memory. */
const MAX_WAITING = 1_000
/** A file is at most this share of the limit, so that shedding the oldest leaves the rest. */
const FILE_SHARE = 1 / 8

interface OpenFile {
  readonly handle: FileHandle
  readonly file: TrackLogFile
  readonly encoder: TrackLogEncoder
  readonly since: EpochMs
  bytes: number
}

export async function createTrackLog(deps: {
  readonly camera: string
  /** Of this camera alone; made when absent. */
  readonly folder: string
  readonly head: TrackLogHead
  readonly limits: TrackLogLimits
  /** Packing takes turns over all cameras of a worker. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}): Promise<TrackLog> {
  const { camera, folder, head, limits, clock, metrics } = deps
  const log = deps.log.child({ camera })
  const fileBytes = limits.bytes * FILE_SHARE
  let waiting: LoggedPicture[] = []
  let waitingSince = 0
  let lost = 0
  let current: OpenFile | null = null
  let failing = false
  let busy: Promise<void> | null = null

  const warn = (error: unknown, what: string) => log.warn({ error: toSharpEyesError(error).message }, what)
  const older = async () => (await trackLogFiles(folder)).filter(({ path }) => path !== current?.file.path)
  const remove = async (file: TrackLogFile, why: string): Promise<void> => {
    await rm(file.path, { force: true })
    metrics.count('track_log_files_removed_total', { camera, why })
  }

  /** Room for one more file is always left. */
  const keepBounds = async (): Promise<void> => {
    const files = await older()
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    for (const file of files) {
      const old = clock.now() - (file.to ?? file.from) > limits.hours * 3_600_000
      if (!old && bytes <= limits.bytes - fileBytes) continue
      await remove(file, old ? 'old' : 'size')
      bytes -= file.bytes
    }
    metrics.gauge('track_log_bytes', { camera }, bytes)
  }

  const close = async (): Promise<void> => {
    if (!current) return
    const { handle, file } = current
    current = null
    await handle.close()
    await deps.inTurn(() => closeFile(folder, file))
    await keepBounds()
  }

  const begin = async (from: EpochMs): Promise<OpenFile> => {
    const path = join(folder, openName(from))
    const handle = await open(path, 'a')
    const file = { path, from: Math.round(from), to: null, bytes: 0 }
    current = { handle, file, encoder: createTrackLogEncoder(head), since: clock.now(), bytes: 0 }
    await handle.appendFile(headLine(head))
    return current
  }

  const write = async (pictures: readonly LoggedPicture[], from: EpochMs): Promise<void> => {
    const into = current ?? (await begin(from))
    const before = lost
    const text = (before > 0 ? lostLine(before) : '') + pictures.map(into.encoder.picture).join('')
    await into.handle.appendFile(text)
    lost -= before
    into.bytes += Buffer.byteLength(text)
    if (into.bytes >= fileBytes || clock.now() - into.since >= FILE_MS) await close()
  }

  const giveUp = (pictures: number, why: string): void => {
    lost += pictures
    metrics.count('track_log_dropped_total', { camera, why }, pictures)
  }

  const drain = async (): Promise<void> => {
    for (let first = waiting[0]; first; first = waiting[0]) {
      const pictures = waiting
      waiting = []
      try {
        await write(pictures, first.capturedAt)
        if (failing) log.info({}, 'the track log is written again')
        failing = false
      } catch (error) {
        // What follows a line that was not written whole is no line: the next ones begin another file.
        await current?.handle.close().catch(() => undefined)
        current = null
        giveUp(pictures.length, 'write_failed')
        if (!failing) warn(error, 'the track log is not written')
        failing = true
      }
    }
  }
  const start = (): Promise<void> => {
    busy ??= drain().finally(() => {
      busy = null
    })
    return busy
  }

  const flush = async (): Promise<void> => {
    while (busy || waiting.length > 0) await start()
  }

  await mkdir(folder, { recursive: true })
  // What a killed process left open is packed behind the start, and shed as everything else.
  const tidied = deps
    .inTurn(async () => {
      await removeParts(folder)
      for (const file of await older()) if (file.to === null) await closeFile(folder, file)
      await keepBounds()
    })
    .catch((error) => warn(error, 'what was left of the track log was not packed'))

  return {
    append(picture) {
      if (waiting.length >= MAX_WAITING) return giveUp(1, 'disk_slow')
      if (waiting.length === 0) waitingSince = clock.now()
      waiting.push(picture)
      if (waiting.length >= WRITE_PICTURES || clock.now() - waitingSince >= WRITE_MS) void start()
    },
    flush,
    async shed() {
      const [oldest] = await older()
      if (oldest) await remove(oldest, 'disk_full')
    },
    async stop() {
      await flush()
      // Packed at the next start: a process that ends does not wait for it.
      await current?.handle.close().catch((error) => warn(error, 'the track log was not closed'))
      current = null
      await tidied
    },
  }
}
