import type { z } from 'zod'

/** What a schema can ask of a value, as the reader's words name it (`schemaFault` of the dictionaries). */
export const SCHEMA_RULES = [
  'needed',
  'text',
  'number',
  'whole',
  'yes_no',
  'list',
  'kind',
  'short',
  'long',
  'few',
  'many',
  'small',
  'small_equal',
  'large',
  'large_equal',
  'step',
  'choice',
  'form',
  'unknown_key',
  'id_form',
  'hours_form',
  'working_hours',
  'hours_order',
  'duration',
  'time_zone',
  'limit_too_long',
  'polygon',
  'zone_gone',
  'twice',
  'id_differs',
  'reserved_name',
  'no_department',
  'no_camera',
  'officer_department',
  'not_last_route',
  'last_route',
  'url_login',
  'camera_url',
  'path_only',
  'login_pair',
  'login_kept',
  'one_of',
  'above_or_below',
  'clear_limit',
  'before',
  'span_days',
  'ahead_days',
  'topic',
  'broken_text',
  'other',
] as const
export type SchemaRule = (typeof SCHEMA_RULES)[number]

/** One fault: where, in English words for scripts, and as a rule with the values that it names. */
export interface SchemaFault {
  /** Keys joined by dots; empty: the whole. */
  readonly path: string
  readonly message: string
  readonly rule: SchemaRule
  readonly values: Readonly<Record<string, string>>
}

/** For `addIssue` and `refine`: the rule of a custom issue and the values that its words name. */
export const ruled = (rule: SchemaRule, values: SchemaFault['values'] = {}) => ({ params: { rule, values } })

/** Patterns that many schemas ask for, by what people call them. */
const PATTERNS: readonly (readonly [start: string, rule: SchemaRule])[] = [
  ['/^[a-z0-9][a-z0-9._-]{0,62}$/', 'id_form'],
  ['/^([01]\\d|2[0-3]):[0-5]\\d-', 'hours_form'],
]

const KINDS: Readonly<Record<string, SchemaRule>> = {
  string: 'text',
  number: 'number',
  int: 'whole',
  boolean: 'yes_no',
  array: 'list',
}

/** Total: a kind of issue that is not known here is `other`, with the schema's own words. */
export function schemaFault(issue: z.core.$ZodIssue): SchemaFault {
  const { message } = issue
  const fault = (rule: SchemaRule, values: SchemaFault['values'] = {}): SchemaFault => ({
    ...{ path: issue.path.join('.'), message, rule, values },
  })
  switch (issue.code) {
    case 'invalid_type':
      if (message.endsWith('received undefined')) return fault('needed')
      return fault(KINDS[issue.expected] ?? 'kind', { kind: issue.expected })
    case 'too_small': {
      const least = String(issue.minimum)
      if (issue.origin === 'string') return issue.minimum === 1 ? fault('needed') : fault('short', { least })
      if (issue.origin === 'array' || issue.origin === 'set') return fault('few', { least })
      return fault(issue.inclusive === false ? 'small_equal' : 'small', { least })
    }
    case 'too_big': {
      const most = String(issue.maximum)
      if (issue.origin === 'string') return fault('long', { most })
      if (issue.origin === 'array' || issue.origin === 'set') return fault('many', { most })
      return fault(issue.inclusive === false ? 'large_equal' : 'large', { most })
    }
    case 'not_multiple_of':
      return fault('step', { step: String(issue.divisor) })
    case 'invalid_value':
      return fault('choice', { choices: issue.values.map(String).join(', ') })
    case 'invalid_format': {
      if (issue.format !== 'regex') return fault('form', { form: issue.format })
      const named = PATTERNS.find(([start]) => issue.pattern?.startsWith(start))
      return named ? fault(named[1]) : fault('other', { text: message })
    }
    case 'custom': {
      const { rule, values } = (issue.params ?? {}) as { rule?: SchemaRule; values?: SchemaFault['values'] }
      return rule === undefined ? fault('other', { text: message }) : fault(rule, values)
    }
    case 'unrecognized_keys':
      return fault('unknown_key', { keys: issue.keys.join(', ') })
    default:
      return fault('other', { text: message })
  }
}
