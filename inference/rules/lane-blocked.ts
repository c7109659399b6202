import { VEHICLE_LABELS } from '../../core/catalogue.ts'
import type { BuiltRuleOf } from '../../core/config/rule.ts'
import type { RuleContext, TrackRule } from './rule.ts'
import { createStanding } from './standing.ts'

/** `lane_blocked`: a vehicle stands in the zone. Reference: blocked lane 120 s. */
export const createLaneBlocked = (config: BuiltRuleOf<'lane_blocked'>, context: RuleContext): TrackRule =>
  createStanding(config, context, {
    ...{ labels: VEHICLE_LABELS, noun: 'vehicle', forMs: 120_000, clearMs: 10_000, score: 0.4 },
  })
