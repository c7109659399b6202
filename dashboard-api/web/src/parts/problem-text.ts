import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type { ApiError } from '../api/problem.ts'

/** Why and the way out, in the reader's language; the server's own detail follows where it adds facts. */
export function useProblemText(): (error: ApiError) => string {
  const { t, i18n } = useTranslation()
  return useCallback(
    (error: ApiError) => {
      const key = `problem.${error.code}`
      const known = i18n.exists(key)
        ? t(key)
        : t('problem.unknown', { code: error.code, status: error.status })
      // 422 says which value broke which rule: no general text can.
      const facts = ['invalid', 'bad_request', 'state_conflict', 'channel_failed'].includes(error.code)
      const detail = facts && error.message ? t('problem.detail', { detail: error.message }) : ''
      const number = error.number ? t('problem.number', { number: error.number }) : ''
      return [known, detail, number].filter(Boolean).join(' ')
    },
    [t, i18n],
  )
}
