import { typeFacts } from '../../core/catalogue.ts'
import type { BuiltRule, BuiltRuleOf, RuleConfig } from '../../core/config/rule.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { type Polygon, WHOLE_PICTURE } from '../../core/geometry.ts'
import { createAfterHoursMotion } from './after-hours-motion.ts'
import { createBurning } from './burning.ts'
import { createCameraCovered } from './camera-covered.ts'
import { createCameraFrozen } from './camera-frozen.ts'
import { createCrowding } from './crowding.ts'
import { createLaneBlocked } from './lane-blocked.ts'
import { createLitterPile } from './litter-pile.ts'
import { createNoMask } from './no-mask.ts'
import { createObjectLeft } from './object-left.ts'
import { createPlume } from './plume.ts'
import type { Rule, RuleContext } from './rule.ts'

type Factories = { readonly [T in BuiltRule['type']]: (config: BuiltRuleOf<T>, context: RuleContext) => Rule }

/** Type → how it is found. A new rule is one file, one line here, one line of the schema in core/config/rule.ts. */
const RULES: Factories = {
  fire: createBurning,
  smoke: createBurning,
  crowding: createCrowding,
  lane_blocked: createLaneBlocked,
  litter_pile: createLitterPile,
  no_mask: createNoMask,
  object_left: createObjectLeft,
  after_hours_motion: createAfterHoursMotion,
  plume: createPlume,
  camera_covered: createCameraCovered,
  camera_frozen: createCameraFrozen,
}

/** The rule of a configuration on a camera's zones; null: its type is not built yet. */
export function createRule(
  config: RuleConfig,
  camera: { readonly zones: Readonly<Record<string, Polygon>>; readonly privacy: readonly Polygon[] },
  operatingPoints: Readonly<Record<string, number>> = {},
): Rule | null {
  if (!isBuilt(config)) return null
  const polygon = config.zone === undefined ? WHOLE_PICTURE : camera.zones[config.zone]
  if (!polygon) {
    const drawn = Object.keys(camera.zones).join(', ') || 'none'
    throw new SharpEyesError(
      'config_invalid',
      `rule ${config.id}: zone "${config.zone}" is not drawn; zones: ${drawn}`,
    )
  }
  const context: RuleContext = {
    ...{ polygon, privacy: camera.privacy, severity: typeFacts(config.type).severity, operatingPoints },
  }
  // The table is complete for its key; the compiler cannot follow a union through an index.
  const create = RULES[config.type] as (config: BuiltRule, context: RuleContext) => Rule
  return create(config, context)
}

const isBuilt = (config: RuleConfig): config is BuiltRule => config.type in RULES
