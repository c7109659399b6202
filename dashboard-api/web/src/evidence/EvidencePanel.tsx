import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate } from 'react-router'
import type { CaseDetail } from '../api/types.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { useConnection } from '../live/LiveProvider.tsx'
import { hasRole, useSession } from '../session/session.ts'
import { ExportForm } from './ExportForm.tsx'
import { HoldForm } from './HoldForm.tsx'
import { HoldList } from './HoldList.tsx'

/** What is held, and the ways to hold, to replay, to print and to carry the evidence out of the house. */
export function EvidencePanel({ detail }: { readonly detail: CaseDetail }) {
  const { t } = useTranslation()
  const keeper = hasRole(useSession(), 'investigator', 'auditor')
  const offline = useConnection().kind === 'offline'
  const [open, setOpen] = useState<'hold' | 'export' | null>(null)
  const navigate = useNavigate()
  useKeys('keys.groups.case', [
    { codes: ['KeyP'], shown: 'p', words: 'evidence.print', run: () => window.print() },
    {
      codes: ['KeyH'],
      shown: 'h',
      words: 'replay.open',
      run: () => void navigate(`/cases/${detail.no}/replay`),
    },
  ])
  const owner = { kind: 'case', id: detail.no } as const
  const toggle = (which: 'hold' | 'export') => () => setOpen(open === which ? null : which)
  return (
    <section className="evidence-panel">
      <h2>
        {t('evidence.title')}{' '}
        {detail.held ? <span className="tag tag-warn">{t('evidence.held')}</span> : null}
      </h2>
      <HoldList owner={owner} holds={detail.holds} keeper={keeper} offline={offline} />
      <div className="action-row no-print">
        <Link className="button-link" to={`/cases/${detail.no}/replay`}>
          {t('replay.open')} <kbd>h</kbd>
        </Link>
        <Button onClick={() => window.print()}>
          {t('evidence.print')} <kbd>p</kbd>
        </Button>
        {keeper ? (
          <>
            <Button disabled={offline} aria-expanded={open === 'hold'} onClick={toggle('hold')}>
              {t('evidence.hold')}
            </Button>
            <Button aria-expanded={open === 'export'} onClick={toggle('export')}>
              {t('evidence.export')}
            </Button>
          </>
        ) : null}
      </div>
      {open === 'hold' ? <HoldForm owner={owner} onClose={() => setOpen(null)} /> : null}
      {open === 'export' ? <ExportForm no={detail.no} onClose={() => setOpen(null)} /> : null}
    </section>
  )
}
