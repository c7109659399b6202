import type { BuiltRule } from './rule.ts'

export type BuiltType = BuiltRule['type']

/** How a number of a rule is written and shown. `duration`: milliseconds here, text (`10s`) in the file. */
export type FieldUnit = 'duration' | 'score' | 'share' | 'persons' | 'ringelmann'

/** A number that people set on a rule. Limits are inclusive, in the unit of the file (`duration`: milliseconds). */
export interface RuleField {
  readonly key: 'for' | 'clear' | 'score' | 'limit' | 'minArea' | 'maxArea' | 'darkness'
  readonly unit: FieldUnit
  readonly min: number
  /** Null: none. */
  readonly max: number | null
  /** What holds where nothing is written; null: it has to be written. */
  readonly fallback: number | null
}

const duration = (key: 'for' | 'clear', fallback: number): RuleField => ({
  ...{ key, unit: 'duration', min: 0, max: null, fallback },
})
const score = (fallback: number): RuleField => ({
  ...{ key: 'score', unit: 'score', min: 0.05, max: 1, fallback },
})

/** The numbers of each built type, in the order of a form. Tests hold this against the schema and the rules themselves. */
export const RULE_FIELDS: Readonly<Record<BuiltType, readonly RuleField[]>> = {
  fire: [duration('for', 2_000), duration('clear', 10_000), score(0.5)],
  smoke: [duration('for', 2_000), duration('clear', 10_000), score(0.5)],
  crowding: [
    { key: 'limit', unit: 'persons', min: 1, max: null, fallback: null },
    duration('for', 10_000),
    duration('clear', 10_000),
    score(0.4),
  ],
  lane_blocked: [duration('for', 120_000), duration('clear', 10_000), score(0.4)],
  litter_pile: [duration('for', 300_000), duration('clear', 60_000), score(0.4)],
  no_mask: [duration('for', 10_000), duration('clear', 30_000), score(0.5)],
  object_left: [
    duration('for', 30_000),
    duration('clear', 5_000),
    { key: 'minArea', unit: 'share', min: 0.0002, max: 0.5, fallback: 0.0008 },
    { key: 'maxArea', unit: 'share', min: 0.001, max: 1, fallback: 0.2 },
  ],
  after_hours_motion: [
    duration('for', 3_000),
    duration('clear', 30_000),
    { key: 'minArea', unit: 'share', min: 0.0005, max: 0.5, fallback: 0.004 },
  ],
  plume: [
    { key: 'darkness', unit: 'ringelmann', min: 1, max: 5, fallback: null },
    duration('for', 10_000),
    duration('clear', 30_000),
  ],
  camera_covered: [duration('for', 10_000), duration('clear', 5_000)],
  camera_frozen: [duration('for', 30_000), duration('clear', 2_000)],
}

/** A type that is not built has the numbers that every rule has, without defaults of its own. */
export const fieldsOf = (type: string): readonly RuleField[] =>
  Object.hasOwn(RULE_FIELDS, type)
    ? RULE_FIELDS[type as BuiltType]
    : [
        { key: 'for', unit: 'duration', min: 0, max: null, fallback: null },
        { key: 'clear', unit: 'duration', min: 0, max: null, fallback: null },
      ]

/** Types whose rule has to name a zone: the whole picture is none. */
export const needsZone = (type: string): boolean => type === 'plume'
