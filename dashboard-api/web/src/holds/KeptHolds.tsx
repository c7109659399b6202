import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { KeptRecording } from '../api/recordings.ts'
import { HoldForm } from '../evidence/HoldForm.tsx'
import { HoldList } from '../evidence/HoldList.tsx'
import { useConnection } from '../live/LiveProvider.tsx'
import { hasRole, useSession } from '../session/session.ts'

/** Holds of a kept recording; what was kept for a case is held with the case. */
export function KeptHolds({ kept: { id, caseNo, holds } }: { readonly kept: KeptRecording }) {
  const { t } = useTranslation()
  const keeper = hasRole(useSession(), 'investigator', 'auditor')
  const offline = useConnection().kind === 'offline'
  const [open, setOpen] = useState(false)
  if (caseNo !== null) return keeper ? <span className="caption">{t('holds.onlyCase')}</span> : null
  const owner = { kind: 'recording', id } as const
  return (
    <>
      {holds.some(({ releasedAt }) => releasedAt === null) ? (
        <span className="tag tag-warn">{t('evidence.held')}</span>
      ) : null}
      {keeper ? (
        <Button size="small" disabled={offline} aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('evidence.hold')}
        </Button>
      ) : null}
      {holds.length > 0 || open ? (
        <div className="kept-holds">
          {open ? <HoldForm owner={owner} onClose={() => setOpen(false)} /> : null}
          {holds.length > 0 ? (
            <HoldList owner={owner} holds={holds} keeper={keeper} offline={offline} />
          ) : null}
        </div>
      ) : null}
    </>
  )
}
