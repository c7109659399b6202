import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { departmentsQuery } from '../api/cameras.ts'
import { useLabel } from '../words/language.ts'
import type { MoveDraft } from './move-draft.ts'

interface Props {
  readonly draft: MoveDraft
  readonly onChange: (part: Partial<MoveDraft>) => void
}

/** Lead and assisting departments; one that cannot be told says so before it is chosen. */
export function DepartmentFields({ draft, onChange }: Props) {
  const { t } = useTranslation()
  const label = useLabel()
  const { data } = useQuery(departmentsQuery)
  const options = (data?.items ?? []).map(({ id, name, reachable }) => ({
    value: id,
    label: reachable ? label(name) : `${label(name)} · ${t('departments.unreachable')}`,
  }))
  return (
    <>
      <Select
        autoFocus
        showSearch
        optionFilterProp="label"
        placeholder={t('cases.lead')}
        aria-label={t('cases.lead')}
        value={draft.department}
        options={options}
        onChange={(department: string) =>
          onChange({ department, assist: draft.assist.filter((id) => id !== department) })
        }
      />
      <Select
        mode="multiple"
        allowClear
        optionFilterProp="label"
        placeholder={t('case.assist')}
        aria-label={t('case.assist')}
        value={[...draft.assist]}
        options={options.filter((option) => option.value !== draft.department)}
        onChange={(assist: string[]) => onChange({ assist })}
      />
    </>
  )
}
