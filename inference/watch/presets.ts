import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { parseYaml } from '../../core/config/parse.ts'
import { type RuleConfig, ruleSchema } from '../../core/config/rule.ts'
import { idSchema, polygonSchema } from '../../core/config/shared.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Polygon } from '../../core/geometry.ts'

export interface RuleSet {
  readonly zones: Readonly<Record<string, Polygon>>
  readonly rules: readonly RuleConfig[]
}

const always: readonly RuleConfig[] = [
  { id: 'fire', type: 'fire' },
  { id: 'smoke', type: 'smoke' },
  { id: 'camera-covered', type: 'camera_covered' },
  { id: 'camera-frozen', type: 'camera_frozen' },
]

/** Rule sets of `watch --rules`: the whole picture is the zone; only a plume needs sky, and the upper part is taken for it. */
export const PRESETS: Readonly<Record<string, RuleSet>> = {
  street: {
    zones: {},
    rules: [
      ...always,
      { id: 'object-left', type: 'object_left' },
      { id: 'lane-blocked', type: 'lane_blocked' },
      { id: 'crowding', type: 'crowding', limit: 10 },
    ],
  },
  environment: {
    zones: {
      sky: [
        [0, 0],
        [1, 0],
        [1, 0.6],
        [0, 0.6],
      ],
    },
    rules: [
      ...always,
      { id: 'plume', type: 'plume', zone: 'sky', darkness: 2 },
      { id: 'litter-pile', type: 'litter_pile' },
    ],
  },
  kitchen: {
    zones: {},
    rules: [
      ...always,
      { id: 'no-mask', type: 'no_mask' },
      { id: 'after-hours-motion', type: 'after_hours_motion' },
    ],
  },
}

const fileSchema = z
  .strictObject({ zones: z.record(idSchema, polygonSchema).default({}), rules: z.array(ruleSchema).min(1) })
  .superRefine(({ zones, rules }, context) => {
    const ids = new Set<string>()
    rules.forEach((rule, index) => {
      if (rule.zone !== undefined && !(rule.zone in zones)) {
        const drawn = Object.keys(zones).join(', ') || 'none'
        const message = `zone "${rule.zone}" is not drawn in this file; its zones: ${drawn}`
        context.addIssue({ code: 'custom', path: ['rules', index, 'zone'], message })
      }
      if (ids.has(rule.id)) {
        context.addIssue({
          code: 'custom',
          path: ['rules', index, 'id'],
          message: `rule id "${rule.id}" occurs twice`,
        })
      }
      ids.add(rule.id)
    })
  })

/** A preset by name, or a YAML file `{zones?, rules}`. Throws `config_invalid` or `source_invalid`. */
export async function loadRuleSet(nameOrFile: string): Promise<RuleSet> {
  const preset = PRESETS[nameOrFile]
  if (preset) return preset
  let text: string
  try {
    text = await readFile(nameOrFile, 'utf8')
  } catch (cause) {
    const known = Object.keys(PRESETS).join(', ')
    throw new SharpEyesError(
      'source_invalid',
      `--rules ${nameOrFile}: no such rule set or file; sets: ${known}, or a YAML file with "rules"`,
      { cause },
    )
  }
  return parseYaml(text, nameOrFile, fileSchema)
}
