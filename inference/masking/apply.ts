import type { Box } from '../../core/geometry.ts'
import { type Picture, pixelateFrame, pixelateHeads } from './pixelate.ts'
import type { MaskPlan } from './plan.ts'

/** Masks in place. */
export function applyMask(picture: Picture, plan: MaskPlan, hazard: Box | null): void {
  switch (plan.kind) {
    case 'none':
      return
    case 'frame':
      pixelateFrame(picture, hazard)
      return
    case 'heads':
      pixelateHeads(picture, plan.heads)
      return
  }
}
