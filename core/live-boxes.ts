import type { Track } from './frame.ts'
import { type Box, clampBox } from './geometry.ts'
import type { DurationMs } from './units.ts'

/** One thing in one picture. No number: nothing links it to the same thing in another picture. */
export interface LiveBox {
  readonly label: string
  /** 0..1 */
  readonly score: number
  /** Shares of the picture. */
  readonly box: Box
  /** It stands still, as rules take it. */
  readonly still: boolean
}

/** What analysis found in one picture of a live stream, strongest first; none of them: it looked and found nothing. */
export interface LiveBoxes {
  /** Time of the picture in the stream: that of its fragment, and `mediaTime` of the browser's frame callback. */
  readonly mediaMs: DurationMs
  readonly boxes: readonly LiveBox[]
}

/** More in one picture are not sent: nobody reads them, and a message stays small. */
const MOST = 50
/** Where the model names no score for a label: what may begin a track. */
const SCORE = 0.4
/** Boxes on faces serve hygiene rules and masking; on a live picture they would point at persons. */
const NEVER = new Set(['head', 'face', 'face_masked', 'face_bare', 'face_mask_incorrect'])
const STEPS = 10_000

const rounded = (value: number): number => Math.round(value * STEPS) / STEPS

/** Of everything that is followed, what was seen in this very picture. `nowMs`: the watcher's time of the picture. */
export function liveBoxesOf(
  tracks: readonly Track[],
  { mediaMs, nowMs }: { readonly mediaMs: DurationMs; readonly nowMs: number },
  operatingPoints: Readonly<Record<string, number>> = {},
): LiveBoxes {
  const boxes = tracks
    .filter(
      ({ label, lastSeenMs, medianScore }) =>
        lastSeenMs === nowMs && medianScore >= (operatingPoints[label] ?? SCORE) && !NEVER.has(label),
    )
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MOST)
    .map(({ label, score, box, stillSinceMs }) => {
      const [l, t, r, b] = clampBox(box)
      return {
        label,
        score: rounded(Math.min(1, score)),
        box: [rounded(l), rounded(t), rounded(r), rounded(b)] as const,
        still: stillSinceMs !== null,
      }
    })
  return { mediaMs, boxes }
}

/** The word of a live socket, from worker to server and on to the browser: `{"found": {mediaMs, boxes} | null}`. */
export const foundText = (found: LiveBoxes | null): string => JSON.stringify({ found })
/** The word the other way: `{"boxes": true | false}`. */
export const askText = (wanted: boolean): string => JSON.stringify({ boxes: wanted })

/** `said`: the parsed JSON of a message. Undefined: it is no such word. */
export function readFound(said: unknown): LiveBoxes | null | undefined {
  const found = isObject(said) ? said.found : undefined
  if (found === null) return null
  if (!isObject(found) || !Number.isFinite(found.mediaMs)) return undefined
  const { boxes } = found
  const fits = Array.isArray(boxes) && boxes.length <= MOST && boxes.every(isBox)
  return fits ? { mediaMs: found.mediaMs as number, boxes } : undefined
}

/** What a viewer asks for; null: it is no such word. */
export function readAsked(text: string): boolean | null {
  try {
    const said: unknown = JSON.parse(text)
    return isObject(said) && typeof said.boxes === 'boolean' ? said.boxes : null
  } catch {
    return null
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
const isShare = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1
const isBox = (value: unknown): value is LiveBox =>
  isObject(value) &&
  typeof value.label === 'string' &&
  typeof value.still === 'boolean' &&
  isShare(value.score) &&
  Array.isArray(value.box) &&
  value.box.length === 4 &&
  value.box.every(isShare)
