import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AlertDetail } from '../api/types.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { hasRole, useSession } from '../session/session.ts'
import { HoldForm } from './HoldForm.tsx'
import { HoldList } from './HoldList.tsx'

/** Holds of an alert's own pictures and films; for whom there is nothing to read or do it takes no room. */
export function AlertHolds({ alert: { id, holds } }: { readonly alert: AlertDetail }) {
  const { t } = useTranslation()
  const keeper = hasRole(useSession(), 'investigator', 'auditor')
  const offline = useConnection().kind === 'offline'
  const [open, setOpen] = useState(false)
  if (!keeper && holds.length === 0) return null
  const owner = { kind: 'alert', id } as const
  return (
    <section className="evidence-panel">
      <h2>
        {t('evidence.title')}{' '}
        {holds.some(({ releasedAt }) => releasedAt === null) ? (
          <span className="tag tag-warn">{t('evidence.held')}</span>
        ) : null}
      </h2>
      <HoldList owner={owner} holds={holds} keeper={keeper} offline={offline} />
      {keeper ? (
        <div className="action-row">
          <Button disabled={offline} aria-expanded={open} onClick={() => setOpen(!open)}>
            {t('evidence.hold')}
          </Button>
        </div>
      ) : null}
      {open ? <HoldForm owner={owner} onClose={() => setOpen(false)} /> : null}
    </section>
  )
}
