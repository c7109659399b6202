import { Input, InputNumber, Radio, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { PURPOSES } from '../../../../core/catalogue.ts'
import { DATUMS, type Datum } from '../../../../core/datum.ts'
import { useSession } from '../session/session.ts'
import { DraftField, type StepProps } from './DraftField.tsx'
import type { CameraDraft } from './draft.ts'

const MASKINGS = ['heads', 'frame', 'none'] as const

/** What it is called, what it may be used for, where it stands, and what is kept of it. */
export function FactsStep({ draft, change, faults }: StepProps) {
  const { t } = useTranslation()
  const city = useSession().city.datum as Datum
  const datum = draft.datum ?? city
  const text = (
    name: keyof CameraDraft & ('zh' | 'en' | 'id' | 'address' | 'grid' | 'lon' | 'lat' | 'maskingReason'),
    hint?: string,
  ) => (
    <DraftField name={name} label={t(`cameraNew.field.${name}`)} faults={faults} {...(hint && { hint })}>
      {(id) => (
        <Input
          {...{ id, maxLength: 500, value: draft[name] }}
          onChange={({ target }) => change({ [name]: target.value })}
        />
      )}
    </DraftField>
  )
  return (
    <div className="wizard-fields">
      <div className="wizard-pair">
        {text('zh')}
        {text('en', t('cameraNew.hint.en'))}
      </div>
      <div className="wizard-pair">
        {text('id', t('cameraNew.hint.id'))}
        <DraftField name="purpose" label={t('cameraNew.field.purpose')} faults={faults}>
          {(id) => (
            <Select
              {...{ id, value: draft.purpose }}
              placeholder={t('cameraNew.hint.purpose')}
              onChange={(purpose) => change({ purpose })}
              options={PURPOSES.map((value) => ({ value, label: t(`purpose.${value}`) }))}
            />
          )}
        </DraftField>
      </div>
      <div className="wizard-pair">
        {text('address')}
        {text('grid', t('cameraNew.hint.grid'))}
      </div>
      <div className="wizard-three">
        {text('lon')}
        {text('lat')}
        <DraftField
          name="datum"
          label={t('cameraNew.field.datum')}
          faults={faults}
          {...(datum !== city && { hint: t('cameraNew.hint.datum', { datum: city }) })}
        >
          {(id) => (
            <Select
              {...{ id, value: datum }}
              onChange={(next: Datum) => change({ datum: next })}
              options={DATUMS.map((value) => ({ value, label: t(`cameraNew.datum.${value}`) }))}
            />
          )}
        </DraftField>
      </div>
      <DraftField name="masking" label={t('cameraNew.field.masking')} faults={faults}>
        {(id) => (
          <Radio.Group
            {...{ id, value: draft.masking }}
            className="wizard-choices"
            onChange={({ target }) => change({ masking: target.value as CameraDraft['masking'] })}
          >
            {MASKINGS.map((value) => (
              <Radio key={value} value={value}>
                {t(`cameraNew.masking.${value}`)}
              </Radio>
            ))}
          </Radio.Group>
        )}
      </DraftField>
      {draft.masking === 'none' ? text('maskingReason', t('cameraNew.hint.maskingReason')) : null}
      <DraftField
        name="hours"
        label={t('cameraNew.field.hours')}
        hint={t('cameraNew.hint.hours')}
        faults={faults}
      >
        {(id) => (
          <InputNumber
            {...{ id, min: 0.1, max: 72, value: draft.hours }}
            onChange={(hours) => change({ hours: hours ?? 0 })}
          />
        )}
      </DraftField>
    </div>
  )
}
