import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { hasRole, useSession } from '../session/session.ts'

/** The way to the sealed original, for those who may open it. */
export function OriginalAsk({ alert }: { readonly alert: string }) {
  const { t } = useTranslation()
  if (!hasRole(useSession(), 'investigator', 'auditor')) return null
  return (
    <p className="original-ask">
      <Link to={`/originals?alert=${encodeURIComponent(alert)}`}>{t('originals.ask')}</Link>
    </p>
  )
}
