import { because } from '../../core/attention.ts'
import type { Polygon } from '../../core/geometry.ts'
import { type Mask, polygonMask } from '../pixels/mask.ts'
import type { Picture } from '../pixels/scene.ts'
import type { Rule } from '../rules/rule.ts'
import type { Wish } from './attention.ts'

/** Changed share of a zone, and changed pixels at all, from which on it is worth a look. */
const SHARE = 0.001
const PIXELS = 16

/** The change gate: says which zones changed, and how many pictures a second their rules want of it. */
export interface ZoneChanges {
  step(picture: Picture, rules: readonly Rule[]): readonly Wish[]
}

export function createZoneChanges(privacy: readonly Polygon[]): ZoneChanges {
  let masks = new Map<Polygon, Mask>()
  let size = ''
  return {
    step({ plane, changed }, rules) {
      const current = `${plane.width}x${plane.height}`
      if (current !== size) [masks, size] = [new Map(), current]
      const wishes = new Map<Polygon, Wish>()
      for (const { polygon, zone, needs } of rules) {
        if (needs.changedFps === 0) continue
        const known = wishes.get(polygon)
        if (known && known.fps >= needs.changedFps) continue
        const mask = masks.get(polygon) ?? polygonMask(polygon, plane, privacy)
        masks.set(polygon, mask)
        let count = 0
        for (let i = 0; i < changed.length; i++) count += (changed[i] as number) & (mask.data[i] as number)
        if (count < Math.max(PIXELS, SHARE * mask.area)) continue
        const { reason, why } = zone === null ? because('picture_changed') : because('zone_changed', { zone })
        wishes.set(polygon, { fps: needs.changedFps, reason, why: { ...why, rule: null, past: false } })
      }
      return [...wishes.values()]
    },
  }
}
