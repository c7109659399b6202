import type { AttentionWhy } from '../../../../core/attention.ts'

interface Words {
  t(key: string, values: Record<string, string>): string
  exists(key: string): boolean
}

/** Labels of models that have a word; another one is shown as the model has it. */
const LABELS = [
  ...['fire', 'smoke', 'litter', 'person', 'car', 'bus', 'truck', 'motorcycle', 'bicycle'],
  ...['vehicle', 'trash_bag', 'garbage_bin'],
]

/** What a model calls a thing, in the reader's language. */
export const labelText = (label: string, t: Words['t']): string =>
  LABELS.includes(label) ? t(`attention.label.${label}`, {}) : label

/** In the reader's language; null: a reason that this build does not know. */
export function attentionReason(why: AttentionWhy, { t, exists }: Words): string | null {
  const key = `attention.why.${why.code}`
  if (!exists(key)) return null
  const facts = Object.entries(why.facts).map(([name, value]) => [
    name,
    name === 'label' ? labelText(String(value), t) : String(value),
  ])
  const said = t(key, Object.fromEntries(facts) as Record<string, string>)
  const reason = why.rule === null ? said : t('attention.rule', { rule: why.rule, reason: said })
  return why.past ? t('attention.past', { reason }) : reason
}
