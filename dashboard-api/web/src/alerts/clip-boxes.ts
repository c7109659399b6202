import type { EventState } from '../../../../core/api/around.ts'

type Box = readonly [number, number, number, number]

/** A box is drawn only with the pictures of its own moment. */
const VALID_MS = 300

/** The boxes of the state nearest to a picture, at most 300 ms away; none otherwise. `capturedAt`: of the picture, epoch ms. */
export function boxesAt(
  states: readonly EventState[],
  capturedAt: number,
  name: string,
): readonly { readonly box: Box; readonly label: string; readonly strong: boolean }[] {
  let nearest: EventState | null = null
  let away = VALID_MS
  for (const state of states) {
    const distance = Math.abs(Date.parse(state.at) - capturedAt)
    if (distance > away) continue
    nearest = state
    away = distance
  }
  if (!nearest) return []
  const others = nearest.detections.map(({ label, score, box }) => ({
    box,
    label: `${label} ${score.toFixed(2)}`,
    strong: false,
  }))
  return nearest.box ? [...others, { box: nearest.box, label: name, strong: true }] : others
}
