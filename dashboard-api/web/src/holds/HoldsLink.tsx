import { useTranslation } from 'react-i18next'
import { NavLink } from 'react-router'
import { hasRole, useSession } from '../session/session.ts'

/** In the bar of those who hold evidence. */
export function HoldsLink() {
  const { t } = useTranslation()
  if (!hasRole(useSession(), 'investigator', 'auditor')) return null
  return <NavLink to="/holds">{t('holds.title')}</NavLink>
}
