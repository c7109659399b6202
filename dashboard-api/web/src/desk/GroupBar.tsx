import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { AlertItem } from '../api/types.ts'
import { later, Nothing } from '../parts/later.tsx'
import { hasRole, useSession } from '../session/session.ts'
import type { GroupVerdictProps } from './GroupVerdict.tsx'

const GroupVerdict = later<GroupVerdictProps>(
  async () => (await import('./GroupVerdict.tsx')).GroupVerdict,
  Nothing,
)

interface Props {
  /** Loaded rows of one camera and type. */
  readonly alerts: readonly AlertItem[]
  readonly more: boolean
}

/** Above the alerts of one group: the way back, and one verdict for many. */
export function GroupBar({ alerts, more }: Props) {
  const { t } = useTranslation()
  const operator = hasRole(useSession(), 'operator')
  const [open, setOpen] = useState(false)
  const waiting = alerts.filter((alert) => alert.verdict === null)
  return (
    <div className="feed-group">
      <Link to="/alerts">‹ {t('groups.back')}</Link>
      <span className="num">{t(more ? 'groups.loaded' : 'groups.all', { n: waiting.length })}</span>
      {operator ? (
        <Button size="small" disabled={waiting.length < 2} onClick={() => setOpen(true)}>
          {t('groups.verdict')}
        </Button>
      ) : null}
      {open ? <GroupVerdict alerts={waiting} open onClose={() => setOpen(false)} /> : null}
    </div>
  )
}
