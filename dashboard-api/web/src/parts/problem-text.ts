import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { SCHEMA_RULES, type SchemaFault } from '../../../../core/api/schema-fault.ts'
import type { ApiError } from '../api/problem.ts'

/** Faults that a schema has found, when all of them are of rules that this build knows; else none. */
function schemaFaults({ problem }: ApiError): readonly SchemaFault[] {
  const faults = problem?.details?.faults
  if (!Array.isArray(faults)) return []
  const known = faults.every(
    (fault) => SCHEMA_RULES.includes(fault?.rule) && typeof fault.path === 'string' && fault.values,
  )
  return known ? (faults as SchemaFault[]) : []
}

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
      const said = schemaFaults(error)
        .map((fault) => {
          const what = t(`schemaFault.${fault.rule}`, fault.values)
          return fault.path
            ? t('schemaFault.at', { path: fault.path, what })
            : t('schemaFault.overall', { what })
        })
        .join(' ')
      const text = said || error.message
      const detail = facts && text ? t('problem.detail', { detail: text }) : ''
      const number = error.number ? t('problem.number', { number: error.number }) : ''
      return [known, detail, number].filter(Boolean).join(' ')
    },
    [t, i18n],
  )
}
