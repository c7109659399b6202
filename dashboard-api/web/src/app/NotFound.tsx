import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'

export function NotFound() {
  const { t } = useTranslation()
  return (
    <div className="page empty">
      <p>{t('common.noPage')}</p>
      <Link to="/">{t('common.home')}</Link>
    </div>
  )
}
