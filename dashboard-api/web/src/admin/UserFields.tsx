import { Checkbox, Input, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { ROLES, type Role } from '../../../../core/actor.ts'
import { Field } from '../parts/Field.tsx'
import { textOf, textsOf } from './body.ts'
import type { FormProps } from './ObjectPanel.tsx'
import { useDepartmentOptions } from './use-options.ts'

/** Name, roles and department of a person. */
export function UserFields({ body, readOnly, onChange, isNew }: FormProps & { readonly isNew: boolean }) {
  const { t } = useTranslation()
  const departments = useDepartmentOptions()
  return (
    <div className="panel-form">
      {isNew ? (
        <Field label={t('admin.field.userName')}>
          {(id) => (
            <Input
              {...{ id, autoComplete: 'off', autoCapitalize: 'none', spellCheck: false, maxLength: 63 }}
              value={textOf(body.name)}
              onChange={(event) => onChange({ name: event.target.value })}
            />
          )}
        </Field>
      ) : null}
      <fieldset className="field">
        <legend>{t('admin.field.roles')}</legend>
        <Checkbox.Group<Role>
          className="admin-checks"
          disabled={readOnly}
          value={textsOf(body.roles) as Role[]}
          options={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))}
          onChange={(roles) => onChange({ roles: ROLES.filter((role) => roles.includes(role)) })}
        />
      </fieldset>
      <Field label={t('admin.field.department')}>
        {(id) => (
          <Select
            {...{ id, allowClear: true, showSearch: true, optionFilterProp: 'label', disabled: readOnly }}
            placeholder={t('admin.none')}
            value={textOf(body.department) || null}
            options={departments}
            onChange={(department: string | null | undefined) =>
              onChange({ department: department ?? undefined })
            }
          />
        )}
      </Field>
    </div>
  )
}
