import type { RecordedFragment } from '../../../../core/ports/recordings.ts'

/** Of one connection: which picture of the media time was taken when. Both grow together. */
export interface Marks {
  add(fragments: readonly Pick<RecordedFragment, 'mediaMs' | 'capturedAt'>[]): void
  /** Capture time of the picture on screen at a media time, ms; null: not known. */
  captureAt(mediaMs: number): number | null
  /** Media time, ms, of the picture that is on screen at a moment; null: not known. */
  mediaAt(capturedAt: number): number | null
  /** Capture time of the picture after (`1`) or before (`-1`) that of a moment; null: not known. */
  beside(capturedAt: number, direction: 1 | -1): number | null
}

interface Mark {
  readonly mediaMs: number
  readonly capturedAt: number
}

const MAX_MARKS = 20_000
/** Players tell times in seconds as floats, and capture times are rounded. */
const ROUNDING_MS = 1.5

export function createMarks(): Marks {
  let marks: Mark[] = []
  /** Index of the last mark whose value is not later. */
  const lastUpTo = (value: number, of: (mark: Mark) => number): number => {
    let low = 0
    let high = marks.length
    while (low < high) {
      const middle = (low + high) >> 1
      const mark = marks[middle]
      if (mark && of(mark) <= value + ROUNDING_MS) low = middle + 1
      else high = middle
    }
    return low - 1
  }
  return {
    add(fragments) {
      const known = new Map(marks.map((mark) => [mark.mediaMs, mark]))
      for (const { mediaMs, capturedAt } of fragments) known.set(mediaMs, { mediaMs, capturedAt })
      marks = [...known.values()].sort((a, b) => a.mediaMs - b.mediaMs).slice(-MAX_MARKS)
    },
    captureAt: (mediaMs) => marks[lastUpTo(mediaMs, (mark) => mark.mediaMs)]?.capturedAt ?? null,
    mediaAt: (capturedAt) => marks[lastUpTo(capturedAt, (mark) => mark.capturedAt)]?.mediaMs ?? null,
    beside: (capturedAt, direction) =>
      marks[lastUpTo(capturedAt, (mark) => mark.capturedAt) + direction]?.capturedAt ?? null,
  }
}
