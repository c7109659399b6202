import { InputNumber, Select, Space } from 'antd'
import { useTranslation } from 'react-i18next'
import type { RuleField } from '../../../../core/config/rule-fields.ts'
import { formatDuration } from '../../../../core/units.ts'
import { unitText } from './values.ts'

interface Props {
  readonly id: string
  readonly field: RuleField
  /** As the file has it: a number, or a duration as text. */
  readonly value: unknown
  readonly readOnly: boolean
  /** Undefined: nothing is written, the default holds. */
  readonly onChange: (value: unknown) => void
}

/** A number in the unit that people think in: seconds, percent, steps of the Ringelmann chart. */
export function NumberField({ id, field, value, readOnly, onChange }: Props) {
  const { t } = useTranslation()
  const { unit, fallback } = field
  if (unit === 'duration') return <DurationField {...{ id, field, value, readOnly, onChange }} />
  const percent = unit === 'score' || unit === 'share'
  const shown = (v: number) => (percent ? Math.round(v * 1e6) / 1e4 : v)
  return (
    <InputNumber
      {...{ id, readOnly }}
      className="rule-number"
      step={unit === 'share' ? 0.01 : unit === 'ringelmann' ? 0.5 : 1}
      value={typeof value === 'number' ? shown(value) : null}
      placeholder={fallback === null ? '' : t('ruleDesk.default', { value: shown(fallback) })}
      suffix={unitText(unit, t)}
      onChange={(v) => onChange(v === null ? undefined : percent ? Math.round(v * 1e4) / 1e6 : v)}
    />
  )
}

const UNITS = ['s', 'm', 'h'] as const

function DurationField({ id, field, value, readOnly, onChange }: Props) {
  const { t } = useTranslation()
  const written = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(typeof value === 'string' ? value : '')
  const fallback = field.fallback === null ? null : formatDuration(field.fallback)
  const unit = written?.[2] ?? fallback?.replace(/[\d.]+/, '') ?? 's'
  const amount = written ? Number(written[1]) : null
  // A unit that the list does not offer stays, until another is chosen.
  const units = UNITS.some((each) => each === unit) ? UNITS : [...UNITS, unit]
  return (
    <Space.Compact className="rule-number">
      <InputNumber
        {...{ id, readOnly, min: 0, step: 1 }}
        value={amount}
        placeholder={fallback === null ? '' : t('ruleDesk.default', { value: Number.parseFloat(fallback) })}
        onChange={(v) => onChange(v === null ? undefined : `${v}${unit}`)}
      />
      <Select
        aria-label={t('ruleDesk.unitOf', { field: t(`ruleDesk.field.${field.key}`) })}
        disabled={readOnly}
        value={unit}
        onChange={(next: string) => onChange(amount === null ? undefined : `${amount}${next}`)}
        options={units.map((each) => ({ value: each, label: t(`ruleDesk.unit.${each}`) }))}
      />
    </Space.Compact>
  )
}
