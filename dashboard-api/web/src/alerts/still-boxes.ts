import type { AlertDetail } from '../api/types.ts'

export interface StillBoxes {
  readonly boxes: readonly {
    box: readonly [number, number, number, number]
    label: string
    strong: boolean
  }[]
  /** When the picture was taken; null: there is none. */
  readonly capturedAt: string | null
  /** When the boxes were decided, where that is another moment than the picture's. */
  readonly drawnAt: string | null
  readonly size: { readonly width: number; readonly height: number } | null
}

type Box = readonly [number, number, number, number]

/** Sides that differ by less than this share of the picture are the same box. */
const SAME_PLACE = 0.005
/** Apart by more than this the boxes belong to another moment, and the caption says so. */
const SAME_MOMENT_MS = 1_000

/** What is drawn over the masked still: the hazard's own box, and what else the model saw. */
export function stillBoxes(alert: Pick<AlertDetail, 'cause'>, name: string): StillBoxes {
  const { cause } = alert
  const own = cause.box
  const isOwn = (box: Box) =>
    own !== null && box.every((side, index) => Math.abs(side - (own[index] ?? 0)) < SAME_PLACE)
  const scored = (found: { readonly label: string; readonly score: number }) =>
    `${found.label} ${found.score.toFixed(2)}`
  const seen = cause.detections
    .filter(({ box }) => !isOwn(box))
    .map((found) => ({ box: found.box, label: scored(found), strong: false }))
  // The thing that is the hazard has one box with both names, not two labels on top of each other.
  const itself = cause.detections.find(({ box }) => isOwn(box))
  const hazard = own ? [{ box: own, label: itself ? `${name} · ${scored(itself)}` : name, strong: true }] : []
  const still = cause.still && 'masked' in cause.still ? cause.still : null
  const apart = still ? Math.abs(cause.lastSeenAt - still.capturedAt) > SAME_MOMENT_MS : false
  const boxes = [...seen, ...hazard]
  return {
    boxes,
    capturedAt: still ? new Date(still.capturedAt).toISOString() : null,
    drawnAt: apart && boxes.length > 0 ? new Date(cause.lastSeenAt).toISOString() : null,
    size: still ? { width: still.masked.width, height: still.masked.height } : null,
  }
}
