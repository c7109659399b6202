import { because } from '../../core/attention.ts'
import { PERSON_LABELS } from '../../core/catalogue.ts'
import type { BuiltRuleOf } from '../../core/config/rule.ts'
import { bottomCentre, insidePolygon, unionBox } from '../../core/geometry.ts'
import { createHold } from './hold.ts'
import { type Finding, type RuleContext, ruleBase, scoreOf, type TrackRule } from './rule.ts'

const FOR_MS = 10_000
/** Persons hide each other: the limit must be exceeded in most pictures, not in all. */
const SHARE = 0.7
const SCORE = 0.4
const LABELS: readonly string[] = PERSON_LABELS

/** `crowding`: more than `limit` persons stand in the zone (bottom centre of their boxes) for `for`. Counts, knows nobody. */
export function createCrowding(config: BuiltRuleOf<'crowding'>, context: RuleContext): TrackRule {
  const forMs = config.for ?? FOR_MS
  const score = scoreOf(config, LABELS, context, SCORE)
  const hold = createHold({ forMs, windowMs: Math.max(forMs, 5_000), share: SHARE, least: 2 })

  return {
    ...ruleBase(config, context, { clearMs: 10_000 }),
    type: 'crowding',
    over: 'tracks',
    version: 'crowding/1',
    thresholds: { limit: config.limit, score, forMs, share: SHARE },
    needs: { scanMs: 10_000, changedFps: 2, suspectedFps: 2 },
    step(sight): Finding {
      if (sight.detections === null)
        return { kind: 'unknown', reason: 'the model did not look at this picture' }
      const persons = sight.detections.filter(
        (d) =>
          LABELS.includes(d.label) && d.score >= score && insidePolygon(bottomCentre(d.box), context.polygon),
      )
      // An open event ends at the limit itself, one person to and fro does not end and begin it.
      const over = sight.open ? persons.length >= config.limit : persons.length > config.limit
      const held = hold.step(over, sight.nowMs)
      if (!over || (!held && !sight.open)) {
        return { kind: 'absent', reason: `${persons.length} persons in the zone, limit ${config.limit}` }
      }
      const sinceMs = held?.sinceMs ?? sight.nowMs
      const scores = persons.map((d) => d.score).sort((a, b) => a - b)
      return {
        kind: 'present',
        firm: held?.firm ?? false,
        sinceMs,
        score: scores[scores.length >> 1] ?? 0,
        box: persons.map((d) => d.box).reduce(unionBox),
        detections: persons.toSorted((a, b) => b.score - a.score).slice(0, 20),
        measured: { count: persons.length, lastedMs: Math.round(sight.nowMs - sinceMs) },
        ...because('persons', { count: persons.length, limit: config.limit }),
      }
    },
    reset: hold.reset,
  }
}
