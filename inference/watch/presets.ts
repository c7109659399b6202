import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { parseYaml } from '../../core/config/parse.ts'
import { PRESETS, type RuleSet } from '../../core/config/presets.ts'
import { ruleSchema } from '../../core/config/rule.ts'
import { idSchema, polygonSchema } from '../../core/config/shared.ts'
import { SharpEyesError } from '../../core/errors.ts'

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
  if (Object.hasOwn(PRESETS, nameOrFile)) return PRESETS[nameOrFile as keyof typeof PRESETS]
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
