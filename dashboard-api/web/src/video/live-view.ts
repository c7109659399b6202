export type LiveState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'playing' }
  /** Nothing has come for 5 s, or the line broke: the old picture is greyed. */
  | { readonly kind: 'stalled'; readonly reason: string | null; readonly code: number | null }
  /** This browser cannot play the stream, or no player that was tried did: the next way takes over. */
  | { readonly kind: 'unplayable'; readonly mime: string }
  /** The camera may be shown in masked stills only. */
  | { readonly kind: 'masked' }
  /** The worker makes as many slow streams as it may already: masked stills are shown instead. */
  | { readonly kind: 'noRoom' }
  /** Another try would give the same answer. */
  | { readonly kind: 'refused'; readonly reason: string; readonly code: number }

/** The ways to a picture, best first. What a browser, a worker or a privacy mask refuses falls to the next. */
export type LiveWay = 'mse' | 'mpeg1' | 'stills'

/** What there is to say of the picture on screen. */
export interface LiveView {
  readonly way: LiveWay
  readonly state: LiveState
  readonly stillError: unknown
  readonly dropped: number
}
