import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { NavLink } from 'react-router'
import { originalsQuery } from '../api/originals.ts'
import { hasRole, useSession } from '../session/session.ts'

/** For investigators and auditors, in the bar and beside the pack of a case, where the city wants two persons: how many requests wait for them. */
export function OriginalsLink() {
  const { t } = useTranslation()
  const may = hasRole(useSession(), 'investigator', 'auditor')
  const { data } = useQuery({ ...originalsQuery, enabled: may })
  if (!may || data?.mode !== 'two_person') return null
  const waiting = data.items.filter((item) => item.mayDecide).length
  return (
    <NavLink to="/originals">
      {t('originals.title')}
      {waiting > 0 ? (
        <>
          {' '}
          <span className="tag tag-warn original-count" title={t('originals.waiting', { n: waiting })}>
            {waiting}
          </span>
        </>
      ) : null}
    </NavLink>
  )
}
