import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { Fragment, Hub } from '../hub/fragment.ts'
import { readRingFolder } from './folder.ts'
import { createRingQueue, type Queued, type Stretch } from './queue.ts'
import { createRecent, type RecentFragments } from './recent.ts'
import { createRingFile, type RingFile } from './ring-file.ts'
import { createShelf, type RingFileFacts } from './shelf.ts'

/** One camera's recording: files of some seconds, the oldest of which go. */
export interface Ring {
  readonly camera: string
  /** The folder has been read. Never rejects: a folder that cannot be read is told through `onProblem`. */
  readonly ready: Promise<void>
  /** Oldest first; the growing file is the last one. */
  files(): readonly RingFileFacts[]
  readonly bytes: number
  /** Resolves when every fragment that came so far is in a file, or could not be written. */
  flush(): Promise<void>
  /** The newest pictures from memory, also those that no disk took. */
  recent(): RecentFragments | null
  /** Hears of every file when it begins to grow and when it is closed. */
  onFile(listener: (file: RingFileFacts) => void): Disposable
  /** Removes the oldest closed files until at least `bytes` are gone; answers how many are. */
  shed(bytes: number): Promise<number>
  stop(): Promise<void>
}

export interface RingTuning {
  /** A file is closed at the first key frame after this time. */
  readonly fileMs: number
  /** What waits in memory for at most so long, or up to so many bytes, is written. */
  readonly flushMs: number
  readonly flushBytes: number
  /** More than this is not kept for a disk that hangs: dropped and counted. */
  readonly maxQueueBytes: number
}

const TUNING: RingTuning = {
  fileMs: 10_000,
  flushMs: 1_000,
  flushBytes: 256 << 10,
  maxQueueBytes: 8 << 20,
}
const RECENT_BYTES = 12 << 20
const TIDY_MS = 60_000
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
/** Share of the ring that goes when the disk is full, so that recording goes on for a while. */
const SHED_SHARE = 0.1

/**
 * Records what the hub hands on. `hours` and `maxBytes` bound what is kept. No trouble with the disk reaches the
 * camera: the ring sheds its oldest files, drops up to the next key frame, counts (`ring_dropped_total`) and tells
 * `onProblem` once, and null when it writes again.
 */
export function createRing(deps: {
  readonly camera: string
  readonly hub: Hub
  /** The camera's own folder; made when absent. */
  readonly folder: string
  readonly hours: number
  readonly maxBytes?: number
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Also logged and counted. */
  readonly onProblem?: (problem: SharpEyesError | null) => void
  readonly tuning?: Partial<RingTuning>
}): Ring {
  const { camera, folder, clock, log, metrics } = deps
  const tuning = { ...TUNING, ...deps.tuning }
  const queue = createRingQueue(tuning.maxQueueBytes)
  const recent = createRecent(RECENT_BYTES)
  const shelf = createShelf({ camera, log, metrics })
  const stopping = new AbortController()
  let growing: { file: RingFile; stretch: Stretch; index: number } | null = null
  let draining: Promise<void> | null = null
  let timer = false
  let opened = false
  let closeAfterDrain = false
  let troubled = false

  const drop = (why: string, fragments = 1) => metrics.count('ring_dropped_total', { camera, why }, fragments)
  const ready = open()

  async function open(): Promise<void> {
    try {
      if (!opened) shelf.fill(await readRingFolder(folder))
      opened = true
    } catch (error) {
      tell(error, 'read the folder of')
    }
  }

  function tell(error: unknown, what: string): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const full = NO_SPACE.has(code)
    log.warn({ camera, code, error: String(error) }, `could not ${what} the ring`)
    if (!troubled) {
      const text = full
        ? `camera ${camera}: the disk of the recording is full; the oldest recordings go. Free space or lower recording.hours`
        : `camera ${camera}: could not ${what} its recording (${code || String(error)}); see that ${folder} can be written`
      deps.onProblem?.(new SharpEyesError(full ? 'disk_full' : 'internal', text, { cause: error }))
    }
    troubled = true
  }

  const growingFacts = (): RingFileFacts | null => {
    if (!growing) return null
    const { path, connection, from, to, bytes } = growing.file
    return { path, connection, from, to, bytes, growing: true }
  }

  async function close(): Promise<void> {
    const before = growingFacts()
    const file = growing?.file
    growing = null
    const path = await file?.close()
    if (before && path) shelf.add({ ...before, path, growing: false })
    await tidy()
  }

  async function tidy(): Promise<void> {
    await shelf.removeOlder(clock.now() - deps.hours * 3_600_000)
    const over = shelf.bytes + (growing?.file.bytes ?? 0) - (deps.maxBytes ?? Number.POSITIVE_INFINITY)
    if (over > 0) await shelf.removeOldest(over)
  }

  /** Whether the fragment begins a file: another stretch, a gap before it, or the file is long enough. */
  function begins({ stretch, fragment }: Queued): boolean {
    if (!growing || growing.stretch !== stretch || fragment.index !== growing.index + 1) return true
    return fragment.key && fragment.capturedAt - growing.file.from >= tuning.fileMs
  }

  async function write(items: readonly Queued[]): Promise<void> {
    let batch: Fragment[] = []
    const put = async () => {
      if (growing && batch.length > 0) await growing.file.append(batch)
      batch = []
    }
    for (const item of items) {
      const { stretch, fragment } = item
      if (begins(item)) {
        await put()
        await close()
        growing = {
          file: await createRingFile(folder, stretch.init, stretch.connection, fragment),
          stretch,
          index: fragment.index,
        }
        const facts = growingFacts()
        if (facts) shelf.announce(facts)
      }
      if (growing) growing.index = fragment.index
      batch.push(fragment)
    }
    await put()
  }

  async function drain(): Promise<void> {
    await ready
    await open()
    while (queue.bytes > 0 || closeAfterDrain) {
      const last = closeAfterDrain
      closeAfterDrain = false
      const items = queue.take()
      try {
        await write(items)
        if (last) await close()
        if (items.length > 0) recovered()
      } catch (error) {
        await giveUp(items, error)
      }
    }
  }

  function recovered(): void {
    if (troubled && opened) deps.onProblem?.(null)
    if (opened) troubled = false
  }

  /** What could not be written is lost, up to the next key frame; the file so far stays. */
  async function giveUp(items: readonly Queued[], error: unknown): Promise<void> {
    tell(error, 'write')
    drop('disk', items.length)
    drop('disk', queue.take().length)
    queue.gap()
    await close().catch((fault: unknown) => tell(fault, 'close a file of'))
    await shelf.removeOldest(Math.max(1, shelf.bytes * SHED_SHARE))
  }

  function kick(): Promise<void> {
    draining ??= drain().finally(() => {
      draining = null
    })
    return draining
  }

  function kickLater(): void {
    if (timer) return
    timer = true
    clock
      .sleep(tuning.flushMs, stopping.signal)
      .then(() => {
        timer = false
        return kick()
      })
      // Aborted: stop() writes what is left.
      .catch(() => undefined)
  }

  const subscription = deps.hub.subscribe({
    init(segment) {
      recent.init(segment)
      queue.init(segment)
    },
    fragment(fragment) {
      recent.fragment(fragment)
      if (!queue.push(fragment)) return drop('no_key_frame_or_full')
      if (queue.bytes >= tuning.flushBytes) void kick()
      else kickLater()
    },
    ended() {
      queue.end()
      closeAfterDrain = true
      void kick()
    },
  })

  async function keepTidy(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(TIDY_MS, stopping.signal)
      await tidy()
    }
  }
  const tidying = keepTidy().catch((error: unknown) => {
    if (!stopping.signal.aborted) log.error({ camera, error: String(error) }, 'the ring is no longer tidied')
  })

  return {
    camera,
    ready,
    files() {
      const last = growingFacts()
      return last ? [...shelf.files(), last] : shelf.files()
    },
    get bytes() {
      return shelf.bytes + (growing?.file.bytes ?? 0)
    },
    flush: () => kick(),
    recent: () => recent.get(),
    onFile: (listener) => shelf.onFile(listener),
    shed: (bytes) => shelf.removeOldest(bytes),
    async stop() {
      stopping.abort()
      subscription[Symbol.dispose]()
      closeAfterDrain = true
      await kick()
      await kick()
      await tidying
    },
  }
}

export type { RingFileFacts } from './shelf.ts'
