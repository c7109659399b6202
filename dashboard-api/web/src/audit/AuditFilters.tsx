import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Field } from '../parts/Field.tsx'
import { submitOnCtrlEnter } from '../parts/submit.ts'
import { useActionName } from './action-name.ts'
import { ACTIONS, type AuditSearch } from './search.ts'

interface Props {
  readonly search: AuditSearch
  readonly onSearch: (search: AuditSearch) => void
}

/** Sent by the button or Ctrl+Enter, never by typing: each search is written down. */
export function AuditFilters({ search, onSearch }: Props) {
  const { t } = useTranslation()
  const actionName = useActionName()
  const [draft, setDraft] = useState(search)
  const set = (name: keyof AuditSearch, value: string) => setDraft({ ...draft, [name]: value })
  const submit = () => onSearch(draft)
  const known = (ACTIONS as readonly string[]).includes(draft.action) || draft.action === ''
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Ctrl+Enter in any of its fields
    <div className="filters audit-filters" onKeyDown={submitOnCtrlEnter(submit)}>
      {(['who', 'object'] as const).map((name) => (
        <Field key={name} label={t(`audit.${name}`)}>
          {(id) => (
            <Input
              id={id}
              value={draft[name]}
              maxLength={200}
              allowClear
              placeholder={t(`audit.${name}Hint`)}
              onChange={(event) => set(name, event.target.value)}
            />
          )}
        </Field>
      ))}
      <Field label={t('audit.action')}>
        {(id) => (
          <Select
            id={id}
            allowClear
            showSearch
            optionFilterProp="label"
            className="filter-wide"
            placeholder={t('audit.allActions')}
            value={draft.action === '' ? null : draft.action}
            onChange={(chosen?: string | null) => set('action', chosen ?? '')}
            options={[...ACTIONS, ...(known ? [] : [draft.action])].map((value) => {
              const [topic = '', action] = value.split('.')
              return { value, label: actionName(topic, action ?? null) }
            })}
          />
        )}
      </Field>
      {(['from', 'to'] as const).map((name) => (
        <Field key={name} label={t(`audit.${name}`)}>
          {(id) => (
            <Input
              id={id}
              type="date"
              value={draft[name]}
              onChange={(event) => set(name, event.target.value)}
            />
          )}
        </Field>
      ))}
      <Button type="primary" onClick={submit} title="Ctrl+Enter">
        {t('audit.search')}
      </Button>
    </div>
  )
}
