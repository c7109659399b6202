import { Button } from 'antd'
import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { lastFault, showFault } from './fault.ts'
import { ProblemNotice } from './ProblemNotice.tsx'

/** What failed elsewhere than in a form or a list; an error stays until it is read. */
export function FaultBar() {
  const { t } = useTranslation()
  const fault = useSyncExternalStore(lastFault.subscribe, lastFault.get)
  if (!fault) return null
  return (
    <div className="fault-bar">
      <ProblemNotice {...fault} />
      <Button onClick={() => showFault(null)}>{t('undo.seen')}</Button>
    </div>
  )
}
