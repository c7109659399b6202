import type { AlertDetail } from '../api/types.ts'

export interface StillBoxes {
  readonly boxes: readonly { box: readonly [number, number, number, number]; label: string; strong: boolean }[]
  /** When the picture was taken; null: there is none. */
  readonly capturedAt: string | null
  /** When the boxes were decided, where that is another moment than the picture's. */
  readonly drawnAt: string | null
  readonly size: { readonly width: number; readonly height: number } | null
}

/** Apart by more than this the boxes belong to another moment, and the caption says so. */
const SAME_MOMENT_MS = 1_000

/** What is drawn over the masked still: the hazard's own box, and what else the model saw. */
export function stillBoxes(alert: Pick<AlertDetail, 'cause'>, name: string): StillBoxes {
  const { cause } = alert
  const seen = cause.detections.map(({ label, score, box }) => ({
    box,
    label: `${label} ${score.toFixed(2)}`,
    strong: false,
  }))
  const hazard = cause.box ? [{ box: cause.box, label: name, strong: true }] : []
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
