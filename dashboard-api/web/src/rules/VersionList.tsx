import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { cameraVersionsQuery } from '../api/rules.ts'
import { ListState } from '../parts/ListState.tsx'
import { Moment } from '../time/Moment.tsx'
import { DifferenceList } from './DifferenceList.tsx'
import { differences } from './diff.ts'
import { type RuleSet, setOf } from './model.ts'
import { ReasonForm } from './ReasonForm.tsx'

interface Props {
  readonly camera: string
  readonly version: number
  readonly base: RuleSet
  /** Null: this person, or this camera, cannot take an old version back. */
  readonly onRestore: ((set: RuleSet, reason: string) => Promise<boolean>) | null
  readonly busy: boolean
}

/** Every version of the camera: who, when, why, and back to it. */
export function VersionList({ camera, version, base, onRestore, busy }: Props) {
  const { t } = useTranslation()
  const query = useQuery(cameraVersionsQuery(camera))
  const [open, setOpen] = useState<number | null>(null)
  const items = query.data?.items ?? []
  return (
    <section aria-label={t('ruleDesk.versions')}>
      <h2>{t('ruleDesk.versions')}</h2>
      <ListState
        query={query}
        what={t('ruleDesk.versions')}
        empty={items.length === 0}
        emptyText={t('ruleDesk.noVersions')}
      >
        <ul className="version-list">
          {items.map((item) => (
            <li key={item.version}>
              <div className="action-row">
                <strong className="num">{t('ruleDesk.version', { n: item.version })}</strong>
                <Moment at={item.at} />
                <span>{item.actor}</span>
                {item.version === version ? <span className="tag">{t('ruleDesk.inForce')}</span> : null}
                {onRestore && item.body && item.version !== version ? (
                  <Button size="small" onClick={() => setOpen(open === item.version ? null : item.version)}>
                    {t('ruleDesk.restore')}
                  </Button>
                ) : null}
              </div>
              <p className="break caption">
                {item.body ? item.reason : t('ruleDesk.removed', { reason: item.reason })}
              </p>
              {open === item.version && item.body && onRestore ? (
                <div className="panel">
                  <p>{t('ruleDesk.restoreWhat')}</p>
                  <DifferenceList differences={differences(base, setOf(item.body))} />
                  <ReasonForm
                    words={t('ruleDesk.restore')}
                    busy={busy}
                    disabled={false}
                    onSend={async (reason) => {
                      const done = await onRestore(setOf(item.body ?? {}), reason)
                      if (done) setOpen(null)
                      return done
                    }}
                  />
                </div>
              ) : null}
            </li>
          ))}
        </ul>
      </ListState>
    </section>
  )
}
