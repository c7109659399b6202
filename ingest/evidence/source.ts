import { open } from 'node:fs/promises'
import type { Clock } from '../../core/ports/clock.ts'
import type { EvidenceSource, FullPicture } from '../../core/ports/evidence.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { EpochMs } from '../../core/units.ts'
import type { Ring, RingFileFacts } from '../ring/ring.ts'
import { type RingFileIndex, scanRingFile } from '../ring/scan.ts'
import { bytesOf, type Cut, writeClip } from './clip.ts'
import { MAX_AWAY_MS, pickClip, pickConnection, pickStill } from './pick.ts'
import { createPins, type Pin, spanOfFile } from './pins.ts'
import { type CodedPicture, decodeStill } from './still.ts'

/** An EvidenceSource over the rings of this worker. */
export interface RingEvidence extends EvidenceSource {
  /**
   * Pins of this camera follow the new ring from now on: call it for every ring that is made, so that after a restart
   * the pins of an earlier run go on. Without it they follow with the next pin, still or clip of the camera.
   */
  attach(ring: Ring): Promise<void>
}

/** `folder`: for pins, on the same file system as the rings (hard links). */
export function createEvidenceSource(deps: {
  readonly rings: (camera: string) => Ring | null
  readonly mediaTools: MediaTools
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}): RingEvidence {
  const { mediaTools, log, metrics, clock } = deps
  const pins = createPins({ folder: deps.folder, log })
  const followed = new WeakSet<Ring>()

  async function follow(ring: Ring): Promise<void> {
    if (followed.has(ring)) return
    followed.add(ring)
    ring.onFile((file) => {
      linkForAll(ring.camera, [file]).catch((error: unknown) => {
        metrics.count('evidence_pin_failures_total', { camera: ring.camera })
        log.error(
          { camera: ring.camera, path: file.path, error: String(error) },
          'a recording could not be pinned',
        )
      })
    })
    await ring.ready
    await linkForAll(ring.camera, ring.files())
  }

  async function linkForAll(camera: string, files: readonly RingFileFacts[]): Promise<void> {
    for (const pin of await pins.of(camera)) await pins.link(pin, files)
  }

  async function ringOf(camera: string): Promise<Ring | null> {
    const ring = deps.rings(camera)
    if (ring) await follow(ring)
    return ring
  }

  async function still(camera: string, at: EpochMs): Promise<FullPicture | null> {
    const startedAt = clock.now()
    const ring = await ringOf(camera)
    if (!ring) return null
    for (const find of [fromMemory, fromFiles]) {
      const coded = await find(ring, at)
      const decoded = coded && (await decodeStill(coded, mediaTools))
      if (!decoded) continue
      metrics.observe('evidence_still_seconds', { camera }, (clock.now() - startedAt) / 1000)
      return decoded
    }
    return null
  }
  // A growing file may be closed, and so renamed, between the look and the read: the second look has its new name.
  const lookTwice = async <T>(look: () => Promise<T | null>): Promise<T | null> =>
    (await look().catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return null
    })) ?? look()

  async function clip(request: Parameters<EvidenceSource['clip']>[0]): ReturnType<EvidenceSource['clip']> {
    const { camera, pinId, from, to, path } = request
    const ring = await ringOf(camera)
    await ring?.flush()
    const pin = (await pins.of(camera)).find((known) => known.id === pinId)
    if (ring && pin) await pins.link(pin, ring.files())
    const paths = [...(await pins.files(pinId)), ...(ring?.files() ?? []).map((file) => file.path)]
    const files = await indexed(paths, from, to)
    const spans = files.map((file) => ({ ...file, ...timesOf(file.index) }))
    const connection = pickConnection(spans, from, to, request.moment ?? null)
    const chosen = spans.filter((span) => span.connection === connection).sort((a, b) => a.from - b.from)
    const frames = chosen.flatMap(({ index }) => index.frames.map((frame) => ({ ...frame, file: index })))
    const run = pickClip(frames, from, to)
    const track = chosen[0]?.index.track
    if (!run || !track) return null
    const cut = frames.slice(run.first, run.last + 1)
    const cuts: Cut[] = chosen.map(({ index }) => ({
      file: index,
      frames: cut.filter((frame) => frame.file === index),
    }))
    await writeClip(
      cuts.filter(({ frames: some }) => some.length > 0),
      path,
      mediaTools,
    )
    const times = cut.map((frame) => frame.capturedAt)
    const { codec, width, height } = track
    return { from: Math.min(...times), to: Math.max(...times), codec, width, height }
  }

  return {
    attach: follow,
    still: (camera, at) => lookTwice(() => still(camera, at)),
    async pin(pinId, camera, from, to) {
      const pin: Pin = { id: pinId, camera, from, ...(to === undefined ? {} : { to }) }
      await pins.add(pin)
      const ring = await ringOf(camera)
      if (ring) await pins.link(pin, ring.files())
    },
    unpin: (pinId) => pins.remove(pinId),
    pinned: () => pins.ids(),
    clip: (request) => lookTwice(() => clip(request)),
  }
}

/** The newest pictures, without the disk. Null when `at` is older than they are. */
function fromMemory(ring: Ring, at: EpochMs): CodedPicture | null {
  const recent = ring.recent()
  const oldest = recent?.fragments[0]
  if (!recent || !oldest || at < oldest.capturedAt) return null
  const found = pickStill(recent.fragments, at)
  const picture = found && recent.fragments[found.picture]
  if (!picture) return null
  const { bytes: init, timescale } = recent.init
  const coded = recent.fragments.slice(found.key, found.picture + 1).map((fragment) => fragment.bytes)
  const ticks = (picture.mediaMs * timescale) / 1000
  return { init, timescale, coded, ticks, capturedAt: Math.round(picture.capturedAt) }
}

async function fromFiles(ring: Ring, at: EpochMs): Promise<CodedPicture | null> {
  await ring.flush()
  const paths = ring.files().map((file) => file.path)
  let best: { index: RingFileIndex; key: number; picture: number; away: number } | null = null
  for (const { index } of await indexed(paths, at - MAX_AWAY_MS, at + MAX_AWAY_MS)) {
    const found = pickStill(index.frames, at)
    const frame = found && index.frames[found.picture]
    if (!frame) continue
    const away = Math.abs(frame.capturedAt - at)
    if (!best || away < best.away) best = { index, ...found, away }
  }
  const picture = best?.index.frames[best.picture]
  if (!best || !picture) return null
  const file = await open(best.index.path, 'r')
  try {
    const coded: Buffer[] = []
    for (const frame of best.index.frames.slice(best.key, best.picture + 1)) {
      coded.push(await bytesOf(file, frame.offset, frame.bytes))
    }
    const init = await bytesOf(file, 0, best.index.initBytes)
    const { timescale } = best.index.track
    return { init, timescale, coded, ticks: picture.ticks, capturedAt: picture.capturedAt }
  } finally {
    await file.close()
  }
}

/** The files that may hold something of [from, to], each once, with what they hold. One that is gone is left out. */
async function indexed(
  paths: readonly string[],
  from: EpochMs,
  to: EpochMs,
): Promise<{ connection: EpochMs; index: RingFileIndex }[]> {
  const seen = new Set<string>()
  const found: { connection: EpochMs; index: RingFileIndex }[] = []
  for (const path of paths) {
    const span = spanOfFile(path)
    if (!span || span.from > to || (span.to !== null && span.to < from)) continue
    const name = `${span.connection}_${span.from}`
    if (seen.has(name)) continue
    const index = await scanRingFile(path).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
      throw error
    })
    if (!index) continue
    seen.add(name)
    found.push({ connection: span.connection, index })
  }
  return found
}

function timesOf(index: RingFileIndex): { from: EpochMs; to: EpochMs } {
  const times = index.frames.map((frame) => frame.capturedAt)
  return { from: Math.min(...times), to: Math.max(...times) }
}
