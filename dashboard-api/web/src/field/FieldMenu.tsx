import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { toApiError } from '../api/problem.ts'
import { useProblemText } from '../parts/problem-text.ts'
import { useLogOut } from '../session/session.ts'
import { chooseLanguage, useLanguage } from '../words/language.ts'
import { useField } from './use-field.ts'

/** Who is logged in, language, the other pages, the way out. */
export function FieldMenu() {
  const { t } = useTranslation()
  const language = useLanguage()
  const logOut = useLogOut()
  const problem = useProblemText()
  const { session } = useField()
  const [failed, setFailed] = useState<string | null>(null)
  const change = () => {
    setFailed(null)
    chooseLanguage(language === 'en' ? 'zh-CN' : 'en').catch((error: unknown) =>
      setFailed(`${t('common.partNotLoaded')} ${problem(toApiError(error))}`),
    )
  }
  const leave = () => {
    setFailed(null)
    logOut().catch((error: unknown) => setFailed(`${t('login.notOut')} ${problem(toApiError(error))}`))
  }
  return (
    <details className="field-menu">
      <summary>{session.name}</summary>
      <div>
        <button type="button" lang={language === 'en' ? 'zh-CN' : 'en'} onClick={change}>
          {language === 'en' ? '中文' : 'English'}
        </button>
        <Link to="/cases">{t('field.otherPages')}</Link>
        <button type="button" onClick={leave}>
          {t('login.out')}
        </button>
        {failed ? <p className="failed">{failed}</p> : null}
      </div>
    </details>
  )
}
