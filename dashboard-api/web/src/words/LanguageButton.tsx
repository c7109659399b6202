import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { showFault } from '../parts/fault.ts'
import { chooseLanguage, useLanguage } from './language.ts'

/** To the other language, named in it. */
export function LanguageButton({ type }: { readonly type: 'text' | 'link' }) {
  const { t } = useTranslation()
  const language = useLanguage()
  const other = language === 'en' ? 'zh-CN' : 'en'
  const change = () => {
    chooseLanguage(other).catch((error: unknown) => showFault({ what: t('common.partNotLoaded'), error }))
  }
  return (
    <Button size="small" type={type} lang={other} onClick={change}>
      {language === 'en' ? '中文' : 'English'}
    </Button>
  )
}
