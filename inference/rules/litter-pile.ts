import { LITTER_LABELS } from '../../core/catalogue.ts'
import type { BuiltRuleOf } from '../../core/config/rule.ts'
import type { RuleContext, TrackRule } from './rule.ts'
import { createStanding } from './standing.ts'

/**
 * `litter_pile`: bags or rubbish lie in the zone. Five minutes: what is carried past or waits for the lorry is no pile; it is
 * over only when it was gone for a minute, as people walk before it.
 */
export const createLitterPile = (config: BuiltRuleOf<'litter_pile'>, context: RuleContext): TrackRule =>
  createStanding(config, context, {
    ...{ labels: LITTER_LABELS, noun: 'litter', forMs: 300_000, clearMs: 60_000, score: 0.4 },
  })
