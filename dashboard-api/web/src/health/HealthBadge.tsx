import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { camerasQuery, healthQuery } from '../api/cameras.ts'
import { later, Nothing, useOpened } from '../parts/later.tsx'
import { usePopup } from '../parts/use-popup.ts'
import type { HealthPopoverProps } from './HealthPopover.tsx'
import { saidByTypes, unavailableTypes } from './unavailable.ts'

const HealthPopover = later<HealthPopoverProps>(
  async () => (await import('./HealthPopover.tsx')).HealthPopover,
  Nothing,
)

/** Names what does not work and what cannot be found: honest health on every page. */
export function HealthBadge() {
  const { t } = useTranslation()
  const health = useQuery(healthQuery)
  const cameras = useQuery(camerasQuery)
  const { open, button, onOpenChange } = usePopup()
  const opened = useOpened(open)
  if (!health.data && !health.error) return null
  const missing = unavailableTypes(cameras.data?.items ?? [])
  const parts = (health.data?.parts ?? []).filter((part) => !saidByTypes(part, missing))
  const faults = parts.filter((part) => part.status === 'degraded' || part.status === 'down')
  const kind = health.error
    ? 'unknown'
    : faults.length > 0
      ? 'degraded'
      : missing.length > 0
        ? 'partial'
        : 'ok'
  const count = faults.length + missing.length
  return (
    <span className="popup-place">
      <Button {...button} size="small" type="text" className="health" data-kind={kind}>
        {t(`health.${kind}`)}
        {count > 0 ? <span className="num"> {count}</span> : null}
      </Button>
      {opened ? (
        <HealthPopover
          open={open}
          onOpenChange={onOpenChange}
          title={t(`health.${kind}Title`)}
          parts={parts}
          missing={missing}
          version={health.data?.version ?? null}
        />
      ) : null}
    </span>
  )
}
