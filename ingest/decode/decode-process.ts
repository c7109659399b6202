import type { MediaTools } from '../../core/ports/media.ts'
import type { Fragment, InitSegment } from '../hub/fragment.ts'
import { createDamageWatch } from './damage.ts'
import { readPictures } from './picture-reader.ts'
import { selectExpression } from './sampling.ts'
import { rgbBytes, type Size } from './size.ts'
import { readDecoderLine } from './stderr-lines.ts'

/** Why a decoded picture was not handed on. */
export type PictureDrop = 'surplus' | 'damaged' | 'unknown_stamp'

/** One ffmpeg that decodes one connection's fragments. It never outlives a jump of the stream's clock. */
export interface DecodeProcess {
  /** Fragments that went in. */
  readonly fed: number
  /** ffmpeg is up and reads: before that it owes no answer. */
  readonly opened: boolean
  /** Bytes that wait for ffmpeg to read them. */
  readonly pendingBytes: number
  /**
   * Since when the oldest of them could have been read, by the times given to `feed`; null: nothing waits, or ffmpeg is not up.
   * What lies in the pipe itself (200 kB or so) counts as read.
   */
  readonly pendingSince: number | null
  /** `wanted`: its picture is handed on; otherwise the fragment only pushes another one out. */
  feed(fragment: Fragment, wanted: boolean, nowMs?: number): void
  /** Whether the picture of this fragment has not come out yet. */
  awaits(fragment: Fragment): boolean
  /** Whether ffmpeg complained of damage after this fragment went in, and its picture has not come out. */
  suspects(fragment: Fragment): boolean
  /** While it is held no picture is read from ffmpeg, which then waits, and takes no input. */
  hold(isHeld: boolean): void
  /** No more input: what ffmpeg still holds comes out, then it ends. */
  end(): void
  /** Ends it at once; no picture comes any more. */
  stop(): Promise<void>
  /** Resolves when it is gone. `fault`: it ended by itself or its answers made no sense, in plain words. */
  readonly exited: Promise<{ fault: string | null }>
}

interface Awaited {
  readonly fragment: Fragment
  readonly wanted: boolean
  readonly order: number
  readonly position: number
  readonly fedAt: number
}

/**
 * Stamps and pictures come through two pipes; more than this many without their partner, and they are out of step. While
 * pictures are held, stamps are ahead by what ffmpeg has in its own queues.
 */
const MAX_UNPAIRED = { pictures: 16, stamps: 64 }
/** The stamp in ticks and `mediaMs` are the same number in two units; half a millisecond is rounding. */
const STAMP_TOLERANCE_MS = 1
/** Pictures that never come (damage, sampling) may not pile up in the list of those awaited. */
const MAX_AWAITED = 2_000

export function decoderArguments(size: Size, fps: number): string[] {
  const filter = `select=${selectExpression(fps, true).replaceAll(',', '\\,')},scale=${size.width}:${size.height}:flags=fast_bilinear,showinfo=checksum=0`
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'level+info'],
    // Threads would hold pictures back until later ones come, on the input and on the output side.
    ...['-threads', '1', '-flags', 'low_delay', '-probesize', '32', '-analyzeduration', '0'],
    ...[
      '-ignore_editlist',
      '1',
      '-f',
      'mp4',
      '-i',
      'pipe:0',
      '-copyts',
      '-threads',
      '1',
      '-fps_mode',
      'passthrough',
    ],
    ...['-vf', filter, '-an', '-sn', '-pix_fmt', 'rgb24', '-flush_packets', '1', '-f', 'rawvideo', 'pipe:1'],
  ]
}

/**
 * Spawns the decoder. `fps`: non-key pictures beyond it are dropped by ffmpeg before scaling; key frames always come.
 * `onPicture` gets each sound, wanted picture with the fragment that it was coded in: the time stamp, and where ffmpeg
 * prints it the byte position, must name the same fragment, else the picture is dropped.
 */
export function startDecodeProcess(deps: {
  readonly mediaTools: MediaTools
  readonly init: InitSegment
  readonly size: Size
  readonly fps: number
  /** Nothing is decoded before: what an earlier decoder still holds comes first. */
  readonly after?: Promise<unknown>
  readonly onPicture: (fragment: Fragment, rgb: Uint8Array) => void
  readonly onDrop: (why: PictureDrop, fragment: Fragment | null) => void
}): DecodeProcess {
  const media = deps.mediaTools.spawn('ffmpeg', decoderArguments(deps.size, deps.fps), { stdin: 'pipe' })
  const { stdin } = media
  const damage = createDamageWatch()
  let awaited: Awaited[] = []
  const stamps: { pts: number | null; pos: number | null }[] = []
  const pictures: Uint8Array[] = []
  let tick: number | null = null
  let nextStamp = 0
  /** What waits for the earlier decoder; null: nothing is held back. */
  let held: Uint8Array[] | null = deps.after === undefined ? null : []
  let opened = false
  /** When something was fed for the first time while ffmpeg was up and nothing was held back. */
  let readsSince: number | null = null
  let fed = 0
  /** Fragments that were in at the latest sign of damage. */
  let signedAt = 0
  let position = deps.init.bytes.length
  let closing = false
  let muted = false
  let fault: string | null = null

  // An ffmpeg that died closes its pipe under our hands; `exited` reports it.
  stdin?.on('error', () => fail('ffmpeg closed its input'))
  stdin?.write(deps.init.bytes)
  const reader = readPictures(media.stdout, rgbBytes(deps.size), (rgb) => {
    pictures.push(rgb)
    pair()
  })
  const release = () => {
    for (const bytes of held ?? []) stdin?.write(bytes)
    held = null
    if (closing) stdin?.end()
  }
  deps.after?.then(release, release)
  media.onStderr((text) => {
    const line = readDecoderLine(text)
    if (line?.kind === 'opened') opened = true
    else if (line?.kind === 'time_base') {
      // A new filter graph (the picture size changed) counts its pictures from 0.
      tick = line.seconds
      nextStamp = 0
    } else if (line?.kind === 'damage') {
      damage.sign(fed)
      signedAt = fed
    } else if (line?.kind === 'stamp') {
      if (line.n !== nextStamp++) return fail(`stamp ${line.n} of ffmpeg came in place of ${nextStamp - 1}`)
      stamps.push(line)
      pair()
    }
  })

  function fail(text: string): void {
    if (closing || fault) return
    fault = text
    void media.stop(0)
  }

  function pair(): void {
    while (!fault && !muted && stamps.length > 0 && pictures.length > 0) {
      const stamp = stamps.shift()
      const rgb = pictures.shift()
      if (stamp && rgb && !settle(stamp, rgb)) reader.reuse(rgb)
    }
    if (pictures.length > MAX_UNPAIRED.pictures || stamps.length > MAX_UNPAIRED.stamps)
      fail('pictures and their time stamps are out of step')
  }

  /** Whether the picture was handed on. */
  function settle(stamp: { pts: number | null; pos: number | null }, rgb: Uint8Array): boolean {
    const found = find(stamp)
    if (!found) {
      deps.onDrop('unknown_stamp', null)
      return false
    }
    const shownAt = found.fragment.mediaMs
    const overtaken = awaited.filter((entry) => entry.fragment.mediaMs < shownAt)
    awaited = awaited.filter((entry) => entry.fragment.mediaMs > shownAt)
    // Key frames pass every filter: one that was overtaken was lost, and what refers to it is damaged.
    for (const lost of overtaken) {
      if (!lost.fragment.key) continue
      if (lost.order < found.order) damage.sign(lost.order + 1)
      deps.onDrop('damaged', lost.fragment)
    }
    const sound = damage.sound(found.order, found.fragment.key)
    if (sound && found.wanted) {
      deps.onPicture(found.fragment, rgb)
      return true
    }
    deps.onDrop(sound ? 'surplus' : 'damaged', found.fragment)
    return false
  }

  function find({ pts, pos }: { pts: number | null; pos: number | null }): Awaited | null {
    if (pts === null || tick === null) return null
    const shownAt = pts * tick * 1000
    const near = awaited.find((entry) => Math.abs(entry.fragment.mediaMs - shownAt) <= STAMP_TOLERANCE_MS)
    if (!near || pos === null) return near ?? null
    return pos >= near.position && pos < near.position + near.fragment.bytes.length ? near : null
  }

  const pendingBytes = () =>
    (held?.reduce((sum, bytes) => sum + bytes.length, 0) ?? 0) + (stdin?.writableLength ?? 0)

  const exited = media.exited.then(({ code, signal }) => {
    if (!closing && !fault) {
      const last = media.lastLines().at(-1) ?? ''
      fault = `ffmpeg ended (${signal ?? `code ${code}`})${last ? `: ${last}` : ''}`
    }
    return { fault }
  })

  return {
    get fed() {
      return fed
    },
    get opened() {
      return opened
    },
    get pendingBytes() {
      return pendingBytes()
    },
    get pendingSince() {
      const waiting = pendingBytes()
      if (waiting === 0 || readsSince === null) return null
      const read = position - waiting
      const oldest = awaited.find((entry) => entry.position + entry.fragment.bytes.length > read)
      return oldest ? Math.max(oldest.fedAt, readsSince) : null
    },
    feed(fragment, wanted, nowMs = 0) {
      if (closing || fault || !stdin) return
      if (opened && !held) readsSince ??= nowMs
      awaited.push({ fragment, wanted, order: fed++, position, fedAt: nowMs })
      if (awaited.length > MAX_AWAITED) awaited.shift()
      position += fragment.bytes.length
      if (held) held.push(fragment.bytes)
      else stdin.write(fragment.bytes)
    },
    awaits: (fragment) => awaited.some((entry) => entry.fragment === fragment),
    suspects: (fragment) => awaited.some((entry) => entry.fragment === fragment && entry.order < signedAt),
    hold(isHeld) {
      if (isHeld) media.stdout.pause()
      else if (media.stdout.isPaused()) media.stdout.resume()
    },
    end() {
      closing = true
      if (!held) stdin?.end()
    },
    async stop() {
      closing = true
      muted = true
      await media.stop(0)
    },
    exited,
  }
}
