import { Input, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { HAZARD_TYPES, PURPOSES } from '../../../../core/catalogue.ts'
import { Field } from '../parts/Field.tsx'
import { useTypeName } from '../words/names.ts'
import { numbersOf, recordOf, textOf, textsOf } from './body.ts'
import type { FormProps } from './ObjectPanel.tsx'
import { useCameraOptions, useDepartmentOptions } from './use-options.ts'

/** Condition, departments and time limits of a route. */
export function RouteFields({ body, readOnly, onChange, isNew }: FormProps & { readonly isNew: boolean }) {
  const { t } = useTranslation()
  const typeName = useTypeName()
  const departments = useDepartmentOptions()
  const cameras = useCameraOptions()
  const when = recordOf(body.when)
  const setWhen = (part: object) => onChange({ when: { ...when, ...part } })
  const many = { mode: 'multiple', allowClear: true, optionFilterProp: 'label', disabled: readOnly } as const
  const one = { allowClear: true, disabled: readOnly } as const
  return (
    <div className="panel-form">
      {isNew ? (
        <Field label={t('admin.field.routeId')}>
          {(id) => (
            <Input
              {...{ id, maxLength: 63, spellCheck: false }}
              value={textOf(body.id)}
              onChange={(event) => onChange({ id: event.target.value })}
            />
          )}
        </Field>
      ) : null}
      <fieldset className="admin-channel">
        <legend>{t('admin.route.when')}</legend>
        <Field label={t('admin.field.when_type')}>
          {(id) => (
            <Select
              {...{ id, ...many, placeholder: t('admin.any') }}
              value={[...textsOf(when.type)]}
              options={HAZARD_TYPES.map((type) => ({ value: type, label: typeName(type) }))}
              onChange={(type: string[]) => setWhen({ type })}
            />
          )}
        </Field>
        <Field label={t('admin.field.when_severity')}>
          {(id) => (
            <Select
              {...{ id, ...many, placeholder: t('admin.any') }}
              value={[...numbersOf(when.severity)]}
              options={[1, 2, 3, 4].map((level) => ({ value: level, label: `${level}` }))}
              onChange={(severity: number[]) => setWhen({ severity })}
            />
          )}
        </Field>
        <Field label={t('admin.field.when_purpose')}>
          {(id) => (
            <Select
              {...{ id, ...many, placeholder: t('admin.any') }}
              value={[...textsOf(when.purpose)]}
              options={PURPOSES.map((purpose) => ({ value: purpose, label: t(`purpose.${purpose}`) }))}
              onChange={(purpose: string[]) => setWhen({ purpose })}
            />
          )}
        </Field>
        <Field label={t('admin.field.when_camera')}>
          {(id) => (
            <Select
              {...{ id, ...many, placeholder: t('admin.any') }}
              value={[...textsOf(when.camera)]}
              options={cameras}
              onChange={(camera: string[]) => setWhen({ camera })}
            />
          )}
        </Field>
        <Field label={t('admin.field.when_grid')}>
          {(id) => (
            <Select
              {...{ id, ...many, placeholder: t('admin.any'), mode: 'tags', open: false, suffixIcon: null }}
              value={[...textsOf(when.grid)]}
              onChange={(grid: string[]) => setWhen({ grid })}
            />
          )}
        </Field>
      </fieldset>
      <Field label={t('admin.field.lead')}>
        {(id) => (
          <Select
            {...{ id, showSearch: true, optionFilterProp: 'label', disabled: readOnly }}
            value={textOf(body.lead) || null}
            options={departments}
            onChange={(lead: string | null) => onChange({ lead })}
          />
        )}
      </Field>
      <Field label={t('admin.field.assist')}>
        {(id) => (
          <Select
            {...{ id, ...many, placeholder: t('admin.none') }}
            value={[...textsOf(body.assist)]}
            options={departments.filter(({ value }) => value !== body.lead)}
            onChange={(assist: string[]) => onChange({ assist })}
          />
        )}
      </Field>
      {(['notify', 'clock'] as const).map((key) => (
        <Field key={key} label={t(`admin.field.${key}`)}>
          {(id) => (
            <Select
              {...{ id, ...one, placeholder: t('admin.bySeverity') }}
              value={textOf(body[key]) || null}
              options={CHOICES[key].map((value) => ({ value, label: t(`admin.${key}.${value}`) }))}
              onChange={(value?: string | null) => onChange({ [key]: value ?? undefined })}
            />
          )}
        </Field>
      ))}
      <div className="side-by-side">
        {(['accept', 'handle', 'check'] as const).map((key) => (
          <Field key={key} label={t(`admin.field.${key}`)}>
            {(id) => (
              <Input
                {...{ id, disabled: readOnly, spellCheck: false, placeholder: t(`admin.limit.${key}`) }}
                value={textOf(body[key])}
                onChange={(event) => onChange({ [key]: event.target.value })}
              />
            )}
          </Field>
        ))}
      </div>
      <p className="caption">{t('admin.limitHint')}</p>
    </div>
  )
}

const CHOICES = { notify: ['at_once', 'on_filing'], clock: ['working', 'calendar'] } as const
