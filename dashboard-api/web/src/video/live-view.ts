export type LiveState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'playing' }
  /** Nothing has come for 5 s, or the line broke: the old picture is greyed. */
  | { readonly kind: 'stalled'; readonly reason: string | null; readonly code: number | null }
  /** This browser cannot play the stream, or no player that was tried did: the next way takes over. */
  | { readonly kind: 'unplayable'; readonly mime: string }
  /** The camera may be shown in masked stills only. */
  | { readonly kind: 'masked' }
  /** The worker makes as many slow streams as it may already: masked stills are shown until it has room. */
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

/**
 * What is on the stage: the way that is tried, and whether stills stand in for it until the worker has room for it.
 */
export interface LiveStep {
  readonly fallen: LiveWay
  readonly waits: boolean
  readonly state: LiveState
}
export const FIRST_STEP: LiveStep = { fallen: 'mse', waits: false, state: { kind: 'connecting' } }

const ORDER: readonly LiveWay[] = ['mse', 'mpeg1', 'stills']
export const worse = (a: LiveWay, b: LiveWay): LiveWay => (ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b)

/** The next step after what the line of `way` says. */
export function nextStep(step: LiveStep, way: LiveWay, state: LiveState): LiveStep {
  const { kind } = state
  if (kind === 'noRoom') return { ...step, waits: true, state }
  // Behind the stills it tries again: that is no news until it plays, or never will.
  if (step.waits && (kind === 'connecting' || kind === 'stalled')) return step
  if (kind === 'masked') return { fallen: 'stills', waits: false, state }
  if (kind === 'unplayable') return { fallen: way === 'mse' ? 'mpeg1' : 'stills', waits: false, state }
  return { ...step, waits: false, state }
}
