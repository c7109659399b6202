import type { CameraItem } from '../api/types.ts'

const RANK: Readonly<Record<CameraItem['state'], number>> = {
  offline: 0,
  stalled: 1,
  unassigned: 2,
  connecting: 3,
  online: 4,
}

/** What does not work comes first; within one state the server's order holds. */
export const badFirst = (cameras: readonly CameraItem[]): readonly CameraItem[] =>
  cameras.toSorted((a, b) => RANK[a.state] - RANK[b.state])

/** For pictures side by side: what shows nothing comes last; within one state the server's order holds. */
export const badLast = (cameras: readonly CameraItem[]): readonly CameraItem[] =>
  cameras.toSorted((a, b) => RANK[b.state] - RANK[a.state])
