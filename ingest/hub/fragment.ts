import type { CaptureClock } from '../../core/frame.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'

/** `ftyp` + `moov` of one connection. A reader needs it before any fragment; a reconnect brings a new one. */
export interface InitSegment {
  readonly connection: number
  readonly bytes: Uint8Array
  /** RFC 6381, for example `avc1.64001f` or `hvc1.1.6.L93.B0`: what `MediaSource.isTypeSupported` is asked. */
  readonly codec: string
  readonly width: number
  readonly height: number
  /** Ticks a second of `decodeTime`. */
  readonly timescale: number
}

/** `moof` + `mdat`: exactly one frame. */
export interface Fragment {
  readonly connection: number
  /** Counts the fragments of a connection from 0: the index of the frame in the source. */
  readonly index: number
  readonly bytes: Uint8Array
  /** `tfdt`, in ticks of the init's timescale. */
  readonly decodeTime: number
  /** Presentation time in the stream, milliseconds: `tfdt` + composition offset. */
  readonly mediaMs: DurationMs
  readonly key: boolean
  readonly arrivedAt: EpochMs
  /** `mediaMs` + an offset anchored after the first GOP of the connection and again after a jump. */
  readonly capturedAt: EpochMs
  readonly clock: CaptureClock
  /** The clock jumped, or a played file starts over: readers start anew. */
  readonly discontinuity: boolean
}

/** What reads a hub. Called synchronously in order; a reader that cannot keep up bounds and counts its own queue. */
export interface HubReader {
  init(segment: InitSegment): void
  fragment(fragment: Fragment): void
  /** The connection ended; another `init` may follow. */
  ended(reason: string): void
}

/** Fan-out of one camera's fragments to its readers. A new reader gets the cached init and the last GOP at once. */
export interface Hub {
  readonly camera: string
  subscribe(reader: HubReader): Disposable
  readonly readers: number
}
