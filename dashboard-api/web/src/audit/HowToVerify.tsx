import { useTranslation } from 'react-i18next'
import type { AuditTree } from '../../../../core/api/audit.ts'

/** How somebody who does not trust this server checks it, in plain words. */
export function HowToVerify({ tree: { verifier, checkpoint } }: { readonly tree: AuditTree }) {
  const { t } = useTranslation()
  return (
    <details className="audit-how">
      <summary>{t('audit.how.title')}</summary>
      <ol>
        {(['keep', 'entry', 'tree', 'command'] as const).map((step) => (
          <li key={step}>{t(`audit.how.${step}`)}</li>
        ))}
      </ol>
      <p>{t('audit.how.not')}</p>
      <h3>{t('audit.how.key')}</h3>
      {verifier ? <pre>{verifier}</pre> : <p className="caption">{t('audit.how.noKey')}</p>}
      {checkpoint ? (
        <>
          <h3>{t('audit.how.newest')}</h3>
          <pre>{checkpoint.note}</pre>
        </>
      ) : null}
    </details>
  )
}
