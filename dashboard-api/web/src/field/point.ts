import { pointIn } from '../../../../core/datum.ts'
import type { PlaceItem } from '../api/types.ts'
import type { Point } from './place.ts'

/** Where a case is, in degrees WGS-84 as phones and `geo:` have them; null: not known. */
export const pointOf = (place: PlaceItem): Point | null => pointIn(place, 'WGS-84')
