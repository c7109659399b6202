import { Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { ALERT_VIEWS, type AlertView } from './filter.ts'

export interface ViewSelectProps {
  readonly view: AlertView
  readonly onChange: (view: AlertView) => void
}

export function ViewSelect({ view, onChange }: ViewSelectProps) {
  const { t } = useTranslation()
  return (
    <Select
      aria-label={t('alerts.view')}
      value={view}
      onChange={onChange}
      options={ALERT_VIEWS.map((value) => ({ value, label: t(`alerts.views.${value}`) }))}
      className="filter-view"
    />
  )
}
