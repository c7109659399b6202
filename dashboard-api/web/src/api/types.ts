import type { z } from 'zod'
import type { placeShape, problemShape } from '../../../../core/api/shapes.ts'

export type {
  AlertDetail,
  AlertItem,
  CameraItem,
  CaseDetail,
  CaseItem,
  Change,
  Health,
  List,
  NotificationItem,
  Session,
} from '../../../../core/api/shapes.ts'

export type PlaceItem = z.infer<typeof placeShape>
export type Problem = z.infer<typeof problemShape>

/** `GET /api/departments`. `channels` are their names; none: the department cannot be told. */
export interface DepartmentItem {
  readonly id: string
  readonly name: { readonly zh: string; readonly en: string }
  readonly reachable: boolean
  readonly channels: readonly unknown[]
}
