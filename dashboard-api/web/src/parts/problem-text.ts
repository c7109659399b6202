import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type { SchemaFault } from '../../../../core/api/schema-fault.ts'
import { refusalOf } from '../../../../core/refusal.ts'
import type { ApiError } from '../api/problem.ts'
import { useLanguage } from '../words/language.ts'
import { wordedFaults } from './problem-facts.ts'
import { useTold } from './told.ts'

export interface ProblemWords {
  /** Why and the way out, in the reader's language, with the number to tell the engineer. */
  readonly text: string
  /** What only the server's own English sentence says; null: nothing, or the text has it. */
  readonly english: string | null
}

/** 422 and the like say which value broke which rule, and which workers lack what: no general text can. */
const WITH_FACTS = [
  'invalid',
  'bad_request',
  'state_conflict',
  'channel_failed',
  'config_invalid',
  'no_worker',
]

export function useProblemWords(): (error: ApiError) => ProblemWords {
  const { t, i18n } = useTranslation()
  const faultText = useFaultText()
  const worded = useTold()
  const inEnglish = useLanguage() === 'en'
  return useCallback(
    (error: ApiError) => {
      const key = `problem.${error.code}`
      const known = i18n.exists(key)
        ? t(key)
        : t('problem.unknown', { code: error.code, status: error.status })
      const why = refusalOf(error.problem?.details)
      const said =
        wordedFaults(error.problem?.details).map(faultText).join(' ') || (why && worded('told.refusal', why))
      const english = WITH_FACTS.includes(error.code) && !said && error.message ? error.message : null
      const shown = said || (inEnglish ? english : null)
      const detail = shown ? t('problem.detail', { detail: shown }) : ''
      const number = error.number ? t('problem.number', { number: error.number }) : ''
      return {
        text: [known, detail, number].filter(Boolean).join(' '),
        english: inEnglish ? null : english,
      }
    },
    [t, i18n, faultText, worded, inEnglish],
  )
}

/** As `useProblemWords`, where there is no room for the server's own sentence. */
export function useProblemText(): (error: ApiError) => string {
  const words = useProblemWords()
  return useCallback((error: ApiError) => words(error).text, [words])
}

/** One fault of a schema, with where it is. */
export function useFaultText(): (fault: SchemaFault) => string {
  const { t } = useTranslation()
  return useCallback(
    ({ path, rule, values }: SchemaFault) => {
      const what = t(`schemaFault.${rule}`, values)
      return path ? t('schemaFault.at', { path, what }) : t('schemaFault.overall', { what })
    },
    [t],
  )
}
