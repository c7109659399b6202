import { useTranslation } from 'react-i18next'
import { formatSpan } from '../time/format.ts'
import { useLanguage } from '../words/language.ts'

/** Over the greyed picture: for how long nothing has moved. */
export function StallOverlay({ ms }: { readonly ms: number }) {
  const { t } = useTranslation()
  const language = useLanguage()
  return <div className="stall num">{t('live.stalledFor', { span: formatSpan(ms, language) })}</div>
}
