import { Alert } from 'antd'
import { useTranslation } from 'react-i18next'
import { toApiError } from '../api/problem.ts'
import { Moment } from '../time/Moment.tsx'

/** A colleague was first: who, when and what, instead of "the state has changed". Null: it is another failure. */
export function conflictOf(error: unknown): { by: string; at: string; verdict: string } | null {
  const { code, problem } = toApiError(error)
  const { by, at, verdict } = problem?.details ?? {}
  return code === 'state_conflict' &&
    typeof by === 'string' &&
    typeof at === 'string' &&
    typeof verdict === 'string'
    ? { by, at, verdict }
    : null
}

export function Conflict({ by, at, verdict }: { by: string; at: string; verdict: string }) {
  const { t } = useTranslation()
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      title={t('desk.conflict', { by, verdict: t(`verdict.${verdict}`) })}
      description={
        <>
          <Moment at={at} /> · {t('desk.conflictWay', { by })}
        </>
      }
    />
  )
}
