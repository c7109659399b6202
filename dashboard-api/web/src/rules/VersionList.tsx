import type { UseQueryResult } from '@tanstack/react-query'
import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigVersionItem } from '../api/rules.ts'
import { actorName } from '../parts/actor-name.ts'
import { ListState } from '../parts/ListState.tsx'
import { useReasonText } from '../parts/use-reason-text.ts'
import { Moment } from '../time/Moment.tsx'
import { ReasonForm } from './ReasonForm.tsx'

type Body = NonNullable<ConfigVersionItem['body']>

interface Props {
  readonly query: UseQueryResult<readonly ConfigVersionItem[]>
  readonly heading: 'h2' | 'h3'
  /** The one in force. */
  readonly version: number
  /** What going back to this body would change. */
  readonly difference: (body: Body) => ReactNode
  /** Null: this person, or this object, cannot take an old version back. */
  readonly onRestore: ((body: Body, reason: string) => Promise<boolean>) | null
  readonly busy: boolean
}

/** Every version of an object: who, when, why, and back to it. */
export function VersionList({ query, heading: Heading, version, difference, onRestore, busy }: Props) {
  const { t } = useTranslation()
  const reasonText = useReasonText()
  const [open, setOpen] = useState<number | null>(null)
  const items = query.data ?? []
  return (
    <section aria-label={t('ruleDesk.versions')}>
      <Heading>{t('ruleDesk.versions')}</Heading>
      <ListState
        query={query}
        what={t('ruleDesk.versions')}
        empty={items.length === 0}
        emptyText={t('ruleDesk.noVersions')}
      >
        <ul className="version-list">
          {items.map(({ body, ...item }) => (
            <li key={item.version}>
              <div className="action-row">
                <strong className="num">{t('ruleDesk.version', { n: item.version })}</strong>
                <Moment at={item.at} />
                <span className="break">{actorName(t, item.actor, item.actorKind)}</span>
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
                {body
                  ? reasonText(item.reason, item.actorKind)
                  : t('ruleDesk.removed', { reason: reasonText(item.reason, item.actorKind) })}
              </p>
              {open === item.version && body && onRestore ? (
                <div className="panel">
                  {difference(body)}
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
          ))}
        </ul>
      </ListState>
    </section>
  )
}
