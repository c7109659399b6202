import { useTranslation } from 'react-i18next'
import type { Health } from '../api/types.ts'

/** What is the matter in the reader's language; the program's own words folded below, for the engineer. */
export function PartText({ part }: { readonly part: Health['parts'][number] }) {
  const { t, i18n } = useTranslation()
  const key = part.code === 'no_answer' ? 'health.noAnswer' : `healthText.${part.name}.${part.code}`
  if (!part.detail) return null
  if (!i18n.exists(key)) return <div className="caption break">{part.detail}</div>
  return (
    <>
      <div className="break">{t(key, part.facts ?? {})}</div>
      <details className="caption">
        <summary>{t('health.detail')}</summary>
        <div className="break">{part.detail}</div>
      </details>
    </>
  )
}
