import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type AdminKind, versionsQuery } from '../api/admin.ts'
import { ListState } from '../parts/ListState.tsx'
import { ReasonForm } from '../rules/ReasonForm.tsx'
import { Moment } from '../time/Moment.tsx'
import { BodyDifferences } from './BodyDifferences.tsx'
import type { Body } from './body.ts'
import { bodyDifferences } from './difference.ts'

interface Props {
  readonly kind: AdminKind
  readonly id: string
  readonly version: number
  readonly current: Body
  readonly busy: boolean
  /** Null: it cannot be changed here. */
  readonly onRestore: ((body: Body, reason: string) => Promise<boolean>) | null
}

/** Every version of an object: who, when, why, and back to it. */
export function Versions({ kind, id, version, current, busy, onRestore }: Props) {
  const { t } = useTranslation()
  const query = useQuery(versionsQuery(kind, id))
  const [open, setOpen] = useState<number | null>(null)
  const items = query.data ?? []
  return (
    <section aria-label={t('ruleDesk.versions')}>
      <h3>{t('ruleDesk.versions')}</h3>
      <ListState
        query={query}
        what={t('ruleDesk.versions')}
        empty={items.length === 0}
        emptyText={t('ruleDesk.noVersions')}
      >
        <ul className="version-list">
          {items.map((item) => {
            const { body } = item
            return (
              <li key={item.version}>
                <div className="action-row">
                  <strong className="num">{t('ruleDesk.version', { n: item.version })}</strong>
                  <Moment at={item.at} />
                  <span className="break">{item.actor}</span>
                  {item.version === version ? <span className="tag">{t('ruleDesk.inForce')}</span> : null}
                  {onRestore && body && item.version !== version ? (
                    <Button
                      size="small"
                      aria-expanded={open === item.version}
                      onClick={() => setOpen(open === item.version ? null : item.version)}
                    >
                      {t('ruleDesk.restore')}
                    </Button>
                  ) : null}
                </div>
                <p className="break caption">
                  {body ? item.reason : t('ruleDesk.removed', { reason: item.reason })}
                </p>
                {open === item.version && body && onRestore ? (
                  <div className="panel">
                    <BodyDifferences differences={bodyDifferences(current, body)} />
                    <ReasonForm
                      words={t('ruleDesk.restore')}
                      busy={busy}
                      disabled={false}
                      onSend={async (reason) => {
                        const done = await onRestore(body, reason)
                        if (done) setOpen(null)
                        return done
                      }}
                    />
                  </div>
                ) : null}
              </li>
            )
          })}
        </ul>
      </ListState>
    </section>
  )
}
