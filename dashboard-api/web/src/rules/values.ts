import type { TFunction } from 'i18next'
import { type FieldUnit, fieldsOf } from '../../../../core/config/rule-fields.ts'

/** A value of a rule as people read it, with its unit. `key` as in the file; absent values by what holds then. */
export function valueText(type: string, key: string, value: unknown, t: TFunction): string {
  if (key === 'enabled') return t(value === false ? 'ruleDesk.off' : 'ruleDesk.on')
  if (key === 'zone') return typeof value === 'string' ? value : t('cause.wholePicture')
  if (key === 'hours') return typeof value === 'string' ? value : t('ruleDesk.always')
  const field = fieldsOf(type).find((each) => each.key === key)
  if (value === undefined) return t('ruleDesk.asDefault')
  if (!field) return typeof value === 'string' ? value : JSON.stringify(value)
  if (field.unit === 'duration') {
    const written = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(value))
    return written ? `${written[1]} ${t(`ruleDesk.unit.${written[2]}`)}` : String(value)
  }
  const percent = field.unit === 'score' || field.unit === 'share'
  const shown = percent && typeof value === 'number' ? Math.round(value * 1e6) / 1e4 : value
  return `${shown} ${unitText(field.unit, t)}`
}

/** What stands behind the number. */
export const unitText = (unit: FieldUnit, t: TFunction): string =>
  unit === 'score' || unit === 'share' ? '%' : t(`ruleDesk.unit.${unit}`)

/** The range of a number in its unit. */
export function limitsText(type: string, key: string, t: TFunction): string {
  const field = fieldsOf(type).find((each) => each.key === key)
  if (!field || field.unit === 'duration') return ''
  const from = valueText(type, key, field.min, t)
  if (field.max === null) return t('ruleDesk.from', { from })
  // The unit stands once, behind the range.
  return t('ruleDesk.range', { from: from.split(' ')[0], to: valueText(type, key, field.max, t) })
}
