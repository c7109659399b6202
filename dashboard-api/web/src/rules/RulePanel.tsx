import { Select } from 'antd'
import type { Dispatch } from 'react'
import { useTranslation } from 'react-i18next'
import { CATALOGUE, HAZARD_TYPES } from '../../../../core/catalogue.ts'
import { unavailableReason } from '../cameras/unavailable-reason.ts'
import { useTypeName } from '../words/names.ts'
import type { EditorAction } from './editor.ts'
import type { SetFault } from './faults.ts'
import type { RuleSet } from './model.ts'
import { RuleCard } from './RuleCard.tsx'

interface Props {
  readonly set: RuleSet
  /** Type → why it cannot be found on this camera now; types that can be found are absent. */
  readonly unavailable: ReadonlyMap<string, string>
  readonly faults: readonly SetFault[]
  readonly readOnly: boolean
  readonly dispatch: Dispatch<EditorAction>
}

/** What a camera looks for: a card for each rule, and the types that can be added. */
export function RulePanel({ set, unavailable, faults, readOnly, dispatch }: Props) {
  const { t } = useTranslation()
  const typeName = useTypeName()
  const zones = Object.keys(set.zones)
  const add = (type: string) =>
    dispatch({
      do: 'change',
      change: (old) => ({ ...old, rules: [...old.rules, { id: freeId(old, type), type }] }),
    })
  // Watched on every camera without a rule, or found by sensors: no rule of a camera has them.
  const offered = HAZARD_TYPES.filter(
    (type) => !['supervision', 'sensor'].includes(CATALOGUE[type].needs.kind),
  )
  return (
    <section aria-label={t('ruleDesk.rules')}>
      <h2>{t('ruleDesk.rules')}</h2>
      {set.rules.length === 0 ? <p className="caption">{t('cameras.noRules')}</p> : null}
      <ul className="rule-cards">
        {set.rules.map((rule) => (
          <RuleCard
            key={rule.id}
            {...{ rule, zones, faults, readOnly, dispatch }}
            unavailable={unavailable.get(rule.type) ?? null}
          />
        ))}
      </ul>
      {readOnly ? null : (
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          className="rule-add"
          aria-label={t('ruleDesk.addRule')}
          placeholder={t('ruleDesk.addRule')}
          value={null}
          onChange={(type: string | null) => type !== null && add(type)}
          options={offered.map((type) => {
            const reason = unavailable.get(type)
            return {
              value: type,
              label: reason
                ? `${typeName(type)} (${unavailableReason(type, reason, t).text})`
                : typeName(type),
            }
          })}
        />
      )}
    </section>
  )
}

function freeId(set: RuleSet, type: string): string {
  const base = type.replaceAll('_', '-')
  const taken = new Set(set.rules.map(({ id }) => id))
  let n = 1
  while (taken.has(n === 1 ? base : `${base}-${n}`)) n += 1
  return n === 1 ? base : `${base}-${n}`
}
