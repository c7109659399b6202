import type { LiveBoxes } from './live-boxes.ts'
import type { EpochMs } from './units.ts'

/** What looks at a live camera: the hub's own bytes, played by the browser's Media Source Extensions. */
export interface LiveViewer {
  /** `mime` for `MediaSource.isTypeSupported`, for example `video/mp4; codecs="avc1.64001f"`. */
  init(bytes: Uint8Array, mime: string): void
  fragment(
    bytes: Uint8Array,
    facts: { readonly key: boolean; readonly capturedAt: EpochMs; readonly mediaMs: number },
  ): void
  /** Only while it asked. Null: no model looks at this camera's pictures, so none will come. Absent: it never asks. */
  boxes?(found: LiveBoxes | null): void
  /** `code`: why it is no use to try again at once; absent: it may be. */
  ended(reason: string, code?: 'too_many_requests'): void
}

/**
 * `source`: the camera's own bytes, in fragmented MP4. `mpeg1`: MPEG-1 in a transport stream (a fragment is some whole
 * packets, a key one begins with a picture that stands alone), made by the worker, as many at a time as it can bear.
 */
export type LiveFormat = 'source' | 'mpeg1'

/** An encoder that runs: fragmented MP4 in, MPEG-1 in a transport stream out. */
export interface Mpeg1Process {
  readonly pid: number | undefined
  write(bytes: Uint8Array): void
  /** Written and not yet taken. */
  pendingBytes(): number
  onData(listener: (bytes: Uint8Array) => void): void
  /** The last lines of its standard error. */
  lastLines(): readonly string[]
  /** How it ended: a signal, `code N`, or why it could not be started. */
  readonly exited: Promise<string>
  stop(): Promise<void>
}
export type StartMpeg1 = () => Mpeg1Process

/** The place of a viewer; disposed, it gets nothing more. */
export interface LiveSeat extends Disposable {
  /** Whether it wants what analysis finds in the pictures; until it says so it does not. MPEG-1 has none. */
  wantBoxes(wanted: boolean): void
}

export interface LiveSource {
  /**
   * Null: nobody holds that camera, or its worker cannot be reached. Dispose to leave. The viewer may be called before
   * this resolves. It begins with an init and a key frame; after `ended` an init and a key frame may follow.
   */
  open(camera: string, viewer: LiveViewer, format?: LiveFormat): Promise<LiveSeat | null>
  /** The newest picture, masked as the camera's configuration says; null when there is none. */
  still(camera: string): Promise<{ readonly jpeg: Uint8Array; readonly capturedAt: EpochMs } | null>
}
