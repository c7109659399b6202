/** What shows one live stream: a video element by Media Source Extensions, or a canvas by a decoder of our own. */
export interface LivePlayer {
  init(bytes: Uint8Array<ArrayBuffer>): void
  fragment(bytes: Uint8Array<ArrayBuffer>, capturedAt: number, key: boolean): void
  /** Capture time of the picture on screen, epoch ms; null before the first. */
  shownCapture(): number | null
  /** Capture time of the picture at a media time (milliseconds), epoch ms; null: it has not come. */
  captureAt?(mediaMs: number): number | null
  /** Boxes of the picture at `mediaMs` have just come: the player stays that far behind. Null: there are none to wait for. */
  analysed?(mediaMs: number | null): void
  /** Fragments that were left out because this machine is behind. */
  dropped(): number
  close(): void
}

/** Null: it cannot play that. `onFault`: only a new player helps. */
export type MakePlayer = (mime: string, onFault: (why: string) => void) => LivePlayer | null
