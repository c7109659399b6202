import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { useRouteError } from 'react-router'

/** A fault of the page itself, or a chunk of an older release that is gone from the server. */
export function PageFault() {
  const { t } = useTranslation()
  const fault = useRouteError()
  console.error(fault)
  return (
    <div className="page empty" role="alert">
      <h1>{t('common.pageFault')}</h1>
      <p lang="en" className="caption break">
        {fault instanceof Error ? fault.message : String(fault)}
      </p>
      <Button type="primary" onClick={() => location.reload()}>
        {t('common.reload')}
      </Button>
    </div>
  )
}
