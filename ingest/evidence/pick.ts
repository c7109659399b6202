import type { EpochMs } from '../../core/units.ts'

/** What is known of a coded picture without its bytes. Lists are in coding order. */
export interface Pickable {
  readonly key: boolean
  readonly capturedAt: EpochMs
}

/** Pictures further away than this from the moment asked for do not show it. */
export const MAX_AWAY_MS = 2_000

/** The picture nearest to `at` and the key frame that its decoding begins with; null when none is near. */
export function pickStill(
  pictures: readonly Pickable[],
  at: EpochMs,
): { key: number; picture: number } | null {
  let best: { key: number; picture: number } | null = null
  let bestAway = MAX_AWAY_MS
  let key = -1
  pictures.forEach((picture, index) => {
    if (picture.key) key = index
    const away = Math.abs(picture.capturedAt - at)
    if (key < 0 || away > bestAway || (best && away === bestAway)) return
    best = { key, picture: index }
    bestAway = away
  })
  return best
}

/**
 * The run of pictures [first, last] that shows [from, to] as far as it is there: from the key frame at or before
 * `from` (else the first one), to the last picture that is not later than `to`, and what was coded before it. Null: nothing of it.
 */
export function pickClip(
  pictures: readonly Pickable[],
  from: EpochMs,
  to: EpochMs,
): { first: number; last: number } | null {
  let first = -1
  let last = -1
  pictures.forEach((picture, index) => {
    if (picture.key && (first < 0 || picture.capturedAt <= from)) first = index
    if (picture.capturedAt <= to) last = index
  })
  if (first < 0 || last < first) return null
  // Where the stream reorders, what comes before a picture that is taken is taken too: no hole at the end.
  const latest = Math.max(...pictures.slice(first, last + 1).map((picture) => picture.capturedAt))
  while ((pictures[last + 1]?.capturedAt ?? latest) < latest) last++
  const run = pictures.slice(first, last + 1)
  return run.some((picture) => picture.capturedAt >= from) ? { first, last } : null
}

export interface Span {
  readonly connection: EpochMs
  readonly from: EpochMs
  readonly to: EpochMs
}

/** The connection that holds `moment`, else the one that shows most of [from, to]; null when none shows any of it. */
export function pickConnection<T extends Span>(
  spans: readonly T[],
  from: EpochMs,
  to: EpochMs,
  moment: EpochMs | null,
): EpochMs | null {
  const shown = new Map<EpochMs, number>()
  for (const span of spans) {
    const overlap = Math.min(span.to, to) - Math.max(span.from, from)
    if (overlap < 0) continue
    const holdsMoment = moment !== null && span.from <= moment && moment <= span.to
    const gain = holdsMoment ? Number.MAX_SAFE_INTEGER / 2 : overlap
    shown.set(span.connection, (shown.get(span.connection) ?? 0) + gain)
  }
  let best: EpochMs | null = null
  for (const [connection, amount] of shown)
    if (best === null || amount > (shown.get(best) ?? 0)) best = connection
  return best
}
