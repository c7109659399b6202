import { Button, Result } from 'antd'
import { useTranslation } from 'react-i18next'
import { useRouteError } from 'react-router'

/** A fault of the page itself, or a chunk of an older release that is gone from the server. */
export function PageFault() {
  const { t } = useTranslation()
  const fault = useRouteError()
  console.error(fault)
  return (
    <Result
      status="error"
      title={t('common.pageFault')}
      subTitle={fault instanceof Error ? fault.message : String(fault)}
      extra={
        <Button type="primary" onClick={() => location.reload()}>
          {t('common.reload')}
        </Button>
      }
    />
  )
}
