import { Alert, Button } from 'antd'
import { useTranslation } from 'react-i18next'
import type { CaseDetail } from '../api/types.ts'
import { useStateName } from '../words/names.ts'
import { CaseLog } from './CaseLog.tsx'

interface Props {
  readonly detail: CaseDetail
  /** The last entry that the writer has seen. */
  readonly sinceSeq: number
  readonly onSeen: () => void
}

/** Somebody else was faster: what they did, beside what was typed here. */
export function ConflictNotice({ detail, sinceSeq, onSeen }: Props) {
  const { t } = useTranslation()
  const stateName = useStateName()
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      title={t('conflict.title', { no: detail.no, state: stateName(detail.state) })}
      description={
        <>
          <CaseLog log={detail.log.filter((entry) => entry.seq > sinceSeq)} />
          <p>{t('conflict.kept')}</p>
          <Button onClick={onSeen}>{t('conflict.seen')}</Button>
        </>
      }
    />
  )
}
