/** What of a camera and of an alert decides about the wall. */
interface Watched {
  readonly id: string
}
interface Urgent {
  readonly camera: string
  readonly severity: number
  readonly startedAt: string
}

export interface WallLayout {
  /** Tiles on the wall: 4, 9 or 16. */
  readonly tiles: number
  /** How many of them at most are live; the others are stills. */
  readonly live: number
  /** Cameras by name, in this order; empty: all. */
  readonly cameras: readonly string[]
}

const SIZES = [4, 9, 16] as const
const MOST_LIVE = 9

/** `?tiles=9&live=9&cameras=a,b`: what cannot be is passed over, the URL of a wall is typed by people. */
export function readLayout(params: URLSearchParams): WallLayout {
  const tiles = SIZES.find((size) => String(size) === params.get('tiles')) ?? 9
  const live = Number(params.get('live') ?? MOST_LIVE)
  return {
    tiles,
    live: Number.isInteger(live) && live >= 0 ? Math.min(live, MOST_LIVE, tiles) : Math.min(MOST_LIVE, tiles),
    cameras: [...new Set((params.get('cameras') ?? '').split(',').filter((id) => id !== ''))],
  }
}

/** Cameras with an open alert of severity 1 or 2 first (the more severe, then the newer), then the others as listed. */
export function wallOrder<C extends Watched>(
  cameras: readonly C[],
  alerts: readonly Urgent[],
  layout: WallLayout,
): readonly C[] {
  const byId = new Map(cameras.map((camera) => [camera.id, camera]))
  const chosen = layout.cameras.length > 0 ? layout.cameras.flatMap((id) => byId.get(id) ?? []) : cameras
  const urgent = alerts
    .toSorted((a, b) => a.severity - b.severity || b.startedAt.localeCompare(a.startedAt))
    .flatMap(({ camera }) => byId.get(camera) ?? [])
  return [...new Set([...urgent, ...chosen])]
}

/**
 * Which camera is in which tile. Who is on the wall already keeps the place: a picture that jumps is a picture that is
 * lost. Who comes takes the tile of the last in order that has to go.
 */
export function placeTiles(
  before: readonly string[],
  order: readonly string[],
  tiles: number,
): readonly string[] {
  const wanted = new Set(order.slice(0, tiles))
  const kept = before.slice(0, tiles).map((id) => (wanted.has(id) ? id : null))
  const coming = [...wanted].filter((id) => !kept.includes(id))
  const placed = kept.map((id) => id ?? coming.shift() ?? null)
  return [...placed.filter((id) => id !== null), ...coming]
}
