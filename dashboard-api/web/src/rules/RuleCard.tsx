import { Button, Input, Select, Switch } from 'antd'
import type { Dispatch } from 'react'
import { useTranslation } from 'react-i18next'
import { CATALOGUE, type HazardType } from '../../../../core/catalogue.ts'
import { fieldsOf, needsZone } from '../../../../core/config/rule-fields.ts'
import { UnavailableText } from '../cameras/UnavailableText.tsx'
import { Field } from '../parts/Field.tsx'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { useTypeName } from '../words/names.ts'
import type { EditorAction } from './editor.ts'
import { FaultText } from './FaultText.tsx'
import type { SetFault } from './faults.ts'
import { type RuleBody, withRule } from './model.ts'
import { NumberField } from './NumberField.tsx'
import { limitsText } from './values.ts'

interface Props {
  readonly rule: RuleBody
  readonly zones: readonly string[]
  /** Why nobody can find this type now; null: it can be found. */
  readonly unavailable: string | null
  readonly faults: readonly SetFault[]
  readonly readOnly: boolean
  readonly dispatch: Dispatch<EditorAction>
}

type Severity = 1 | 2 | 3 | 4

/** One rule with everything that can be set on it. */
export function RuleCard({ rule, zones, unavailable, faults, readOnly, dispatch }: Props) {
  const { t } = useTranslation()
  const typeName = useTypeName()
  const name = typeName(rule.type)
  const usual = (CATALOGUE[rule.type as HazardType]?.severity ?? 3) as Severity
  const severity = (rule.severity ?? usual) as Severity
  const set = (change: Readonly<Record<string, unknown>>) =>
    dispatch({ do: 'change', change: (old) => withRule(old, rule.id, change) })
  const faultsAt = (key: string) => faults.filter(({ at }) => at === `rule:${rule.id}:${key}`)
  const enabled = rule.enabled !== false
  const text = (key: string): string | undefined =>
    typeof rule[key] === 'string' ? (rule[key] as string) : undefined
  return (
    <li className="rule-card" data-off={!enabled || undefined}>
      <header className="rule-head">
        <SeverityChip severity={severity} />
        <h3 className="break">
          {name} <span className="caption">{rule.id}</span>
        </h3>
        <span>{t(enabled ? 'ruleDesk.on' : 'ruleDesk.off')}</span>
        <Switch
          checked={enabled}
          disabled={readOnly}
          aria-label={t('ruleDesk.enabledOf', { rule: rule.id })}
          onChange={(on) => set({ enabled: on ? undefined : false })}
        />
      </header>
      {unavailable ? (
        <div className="unavailable">
          <UnavailableText type={rule.type} given={unavailable} lead={t('rules.unavailable')} />
        </div>
      ) : null}
      <div className="rule-fields">
        <Field label={t('ruleDesk.field.zone')}>
          {(id) => (
            <Select
              {...{ id, disabled: readOnly }}
              value={text('zone') ?? ''}
              onChange={(zone: string) => set({ zone: zone === '' ? undefined : zone })}
              options={[
                { value: '', label: t('cause.wholePicture'), disabled: needsZone(rule.type) },
                ...zones.map((zone) => ({ value: zone, label: zone })),
              ]}
            />
          )}
        </Field>
        <FaultText faults={faultsAt('zone')} />
        {fieldsOf(rule.type).map((field) => (
          <div key={field.key} className="rule-field">
            <Field
              label={
                <>
                  {t(`ruleDesk.field.${field.key}`)}{' '}
                  <span className="caption">{limitsText(rule.type, field.key, t)}</span>
                </>
              }
            >
              {(id) => (
                <NumberField
                  {...{ id, field, readOnly, value: rule[field.key] }}
                  onChange={(value) => set({ [field.key]: value })}
                />
              )}
            </Field>
            <FaultText faults={faultsAt(field.key)} />
          </div>
        ))}
        <div className="rule-field">
          <Field label={t('ruleDesk.field.hours')}>
            {(id) => (
              <Input
                {...{ id, readOnly }}
                placeholder={t('ruleDesk.hoursHint')}
                value={text('hours') ?? ''}
                onChange={({ target }) =>
                  set({ hours: target.value.trim() === '' ? undefined : target.value.trim() })
                }
              />
            )}
          </Field>
          <FaultText faults={faultsAt('hours')} />
        </div>
        <Field label={t('ruleDesk.field.severity')}>
          {(id) => (
            <Select
              {...{ id, disabled: readOnly }}
              value={typeof rule.severity === 'number' ? rule.severity : 0}
              onChange={(next: number) => set({ severity: next === 0 ? undefined : next })}
              options={[
                { value: 0, label: t('ruleDesk.default', { value: t(`severity.${usual}`) }) },
                ...([1, 2, 3, 4] as const).map((value) => ({ value, label: t(`severity.${value}`) })),
              ]}
            />
          )}
        </Field>
      </div>
      {readOnly ? null : (
        <Button
          size="small"
          danger
          aria-label={t('ruleDesk.removeRuleNo', { rule: rule.id })}
          onClick={() =>
            dispatch({
              do: 'change',
              change: (old) => ({ ...old, rules: old.rules.filter(({ id }) => id !== rule.id) }),
            })
          }
        >
          {t('ruleDesk.removeRule')}
        </Button>
      )}
    </li>
  )
}
