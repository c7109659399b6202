import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { holdsQuery, type ListedHold } from '../api/holds.ts'
import { HoldList } from '../evidence/HoldList.tsx'
import { OwnerLine } from '../evidence/OwnerLine.tsx'
import { useConnection } from '../live/LiveProvider.tsx'
import { ListState } from '../parts/ListState.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { hasRole, useSession } from '../session/session.ts'

/** Everything that is held, and was; a hold is released where it is listed. */
export function HoldsPage() {
  const { t } = useTranslation()
  usePageTitle(t('holds.title'))
  const may = hasRole(useSession(), 'investigator', 'auditor')
  const query = useQuery({ ...holdsQuery, enabled: may })
  const [released, setReleased] = useState(false)
  const all = query.data?.items ?? []
  const items = all.filter(({ releasedAt }) => released || releasedAt === null)
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('holds.title')}</h1>
      </header>
      {may ? (
        <>
          <p className="caption">{t('holds.hint')}</p>
          <label className="holds-choice">
            <input
              type="checkbox"
              checked={released}
              onChange={(event) => setReleased(event.target.checked)}
            />{' '}
            {t('holds.withReleased')}
          </label>
          <ListState
            query={query}
            what={t('holds.title')}
            empty={items.length === 0}
            emptyText={t(all.length === 0 ? 'holds.none' : 'holds.noneInForce')}
          >
            <p>{t('holds.count', { n: query.data?.open ?? 0 })}</p>
            <ul className="held-things">
              {items.map((hold) => (
                <HeldItem key={hold.id} hold={hold} />
              ))}
            </ul>
          </ListState>
        </>
      ) : (
        <p className="empty">{t('common.noPermission', { what: t('holds.title') })}</p>
      )}
    </div>
  )
}

function HeldItem({ hold }: { readonly hold: ListedHold }) {
  const offline = useConnection().kind === 'offline'
  return (
    <li>
      <OwnerLine owner={hold.owner} />
      <HoldList owner={hold.owner} holds={[hold]} keeper offline={offline} />
    </li>
  )
}
