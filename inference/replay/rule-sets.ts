import { z } from 'zod'
import { CATALOGUE } from '../../core/catalogue.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import { isEnabled, type RuleConfig, ruleSchema } from '../../core/config/rule.ts'
import { polygonSchema } from '../../core/config/shared.ts'
import type { DryRunRequest, RuleSetText } from '../../core/dry-run.ts'
import { SharpEyesError } from '../../core/errors.ts'

const setSchema = z.object({
  zones: z.record(z.string(), polygonSchema),
  rules: z.array(ruleSchema).max(200),
})
const privacySchema = z.array(polygonSchema)

/** Zones and rules as the schemas of the city file read them. Throws `config_invalid`. */
export const parseSet = (set: RuleSetText) => parsed(setSchema, set)

/** What a watcher needs of the camera of a request, by one of its sets. Throws `config_invalid`. */
export function cameraOf(
  { camera: id, privacy }: Pick<DryRunRequest, 'camera' | 'privacy'>,
  set: RuleSetText,
): Pick<CameraConfig, 'id' | 'zones' | 'privacy' | 'rules'> {
  const { zones, rules } = parseSet(set)
  return { id, zones, privacy: parsed(privacySchema, privacy), rules }
}

export const judgesPixels = ({ type }: Pick<RuleConfig, 'type'>): boolean =>
  CATALOGUE[type].needs.kind === 'pixels'

/** The enabled rules of a set that judge pixels. */
export const pixelRules = (set: RuleSetText): readonly RuleConfig[] =>
  parseSet(set).rules.filter((rule) => isEnabled(rule) && judgesPixels(rule))

function parsed<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new SharpEyesError('config_invalid', z.prettifyError(result.error))
}
