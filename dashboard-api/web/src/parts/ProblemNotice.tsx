import { Alert, Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { toApiError } from '../api/problem.ts'
import { useProblemWords } from './problem-text.ts'
import { EnglishText } from './ToldText.tsx'

interface Props {
  /** What failed, already in words: "未能保存：案件 2026-000123". */
  readonly what: string
  readonly error: unknown
  readonly onRetry?: () => void
  /** Beside `onRetry`: for what another try may not mend. */
  readonly onReload?: (() => void) | undefined
}

/** What failed, why, the way out, and the number to tell the engineer. */
export function ProblemNotice({ what, error, onRetry, onReload }: Props) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const { text, english } = words(toApiError(error))
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={what}
      description={
        english === null ? (
          text
        ) : (
          <>
            {text}
            <EnglishText text={english} />
          </>
        )
      }
      action={
        onRetry ? (
          <>
            <Button onClick={onRetry}>{t('common.retry')}</Button>{' '}
            {onReload ? <Button onClick={onReload}>{t('common.reload')}</Button> : null}
          </>
        ) : undefined
      }
    />
  )
}
