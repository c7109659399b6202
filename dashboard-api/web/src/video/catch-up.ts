/** How a live player stays near the edge: a little faster when a little behind, a jump when far behind. */
export type CatchUp =
  | { readonly kind: 'rate'; readonly rate: number }
  | { readonly kind: 'seek'; readonly to: number }

/** Seconds behind the edge, by the measurements of section "Live picture" of the desk notes. */
const FASTER_S = 0.7
const MUCH_FASTER_S = 1.5
const JUMP_S = 3
/** What is held back falls back unnoticed, and is let run a little before it is driven on again. */
const SLOWER = 0.9
const SLACK_S = 0.3
/** After a jump there is this much to play before the next fragment has to be there. */
const EDGE_S = 0.3
/** Kept behind the picture, so that a moment can be looked at again; more only fills memory. */
export const KEEP_S = 15

/** `edge`: end of what is buffered, seconds of media time. `hold`: so far behind it the picture has to be at least. */
export function catchUp(position: number, edge: number, hold = 0): CatchUp {
  const behind = edge - position
  if (behind > JUMP_S || behind < -EDGE_S)
    return { kind: 'seek', to: Math.max(0, edge - Math.max(EDGE_S, hold)) }
  if (behind > MUCH_FASTER_S + hold) return { kind: 'rate', rate: 1.15 }
  if (behind > Math.max(FASTER_S, hold + SLACK_S)) return { kind: 'rate', rate: 1.05 }
  if (behind < hold) return { kind: 'rate', rate: SLOWER }
  return { kind: 'rate', rate: 1 }
}

/** [start, end] in seconds, in order. */
export type Ranges = readonly (readonly [number, number])[]

/**
 * Whether a jump may be made now. One that runs, to where something is buffered, is let end: begun anew each time that it
 * has fallen behind, a machine that is slow to decode would never show a picture.
 */
export const mayJump = (seeking: boolean, position: number, ranges: Ranges): boolean =>
  !(seeking && ranges.some(([start, end]) => start <= position && position <= end))

/** A picture that has come this near to the end of what is buffered stands still there. */
const STANDS_S = 0.1

/**
 * Where to go on when the picture stands before a hole, as dropped fragments leave one: the start of the next range;
 * null: it does not stand there.
 */
export function gapAhead(position: number, ranges: Ranges): number | null {
  const next = ranges.find(([start]) => start > position)
  if (!next) return null
  const current = ranges.findLast(([start]) => start <= position)
  if (current && current[1] - position > STANDS_S) return null
  return next[0]
}

/** Media time → capture time of the fragments that are buffered, so that every picture says its own age. */
export function createCaptureTimes() {
  let marks: { readonly mediaEnd: number; readonly capturedAt: number }[] = []
  return {
    add(mediaEnd: number, capturedAt: number): void {
      marks.push({ mediaEnd, capturedAt })
      if (marks.length > 2_000) marks = marks.slice(-1_000)
    },
    /** Capture time of the picture at `position` seconds; null: it is not buffered yet. */
    at(position: number): number | null {
      // From the end: the picture on screen is among the newest.
      return marks[marks.findLastIndex(({ mediaEnd }) => mediaEnd <= position) + 1]?.capturedAt ?? null
    },
    /** Of the newest picture that is buffered; null: none is. */
    newest: (): number | null => marks.at(-1)?.capturedAt ?? null,
    clear(): void {
      marks = []
    },
  }
}

/** Bytes that wait while the buffer is busy; beyond this it goes, up to the next key frame. */
export const QUEUE_BYTES = 2 * 1024 * 1024
