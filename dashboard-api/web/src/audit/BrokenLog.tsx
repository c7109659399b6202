import { useTranslation } from 'react-i18next'
import type { AuditTree } from '../../../../core/api/audit.ts'
import { Moment } from '../time/Moment.tsx'

/** The log is not what was signed: the whole head of the page says so, and what to do now. */
export function BrokenLog({ tree: { findings, checkedAt } }: { readonly tree: AuditTree }) {
  const { t, i18n } = useTranslation()
  return (
    <section className="audit-broken" role="alert">
      <h2>{t('audit.brokenTitle')}</h2>
      <p>{t('audit.brokenText')}</p>
      <ul>
        {findings.map(({ code, pos, size, detail }) => {
          const key = `audit.findings.${code}`
          return (
            <li key={`${code} ${pos} ${size} ${detail}`} className="break">
              {i18n.exists(key) ? t(key, { pos, size }) : detail}
            </li>
          )
        })}
      </ul>
      <p>{t('audit.brokenWay')}</p>
      {checkedAt ? (
        <p>
          {t('audit.checkedAt')} <Moment at={checkedAt} full />
        </p>
      ) : null}
    </section>
  )
}
