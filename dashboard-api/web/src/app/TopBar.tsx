import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { NavLink, useLocation } from 'react-router'
import { HealthBadge } from '../health/HealthBadge.tsx'
import { HoldsLink } from '../holds/HoldsLink.tsx'
import { useConnection } from '../live/LiveProvider.tsx'
import { OriginalsLink } from '../originals/OriginalsLink.tsx'
import { useSession } from '../session/session.ts'
import { formatFull, formatTime } from '../time/format.ts'
import { useNow } from '../time/use-now.ts'
import { placesFor } from './places.ts'
import { UserMenu } from './UserMenu.tsx'

export function TopBar() {
  const { t } = useTranslation()
  const { city, roles } = useSession()
  const { pathname } = useLocation()
  const place = pathname.split('/', 2)[1]
  const nav = useRef<HTMLElement>(null)
  // Where the places do not fit, the one that is open must be among those in sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is another place
  useEffect(() => {
    nav.current?.querySelector('.active')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [place])
  return (
    <header className="topbar">
      <span className="brand">
        <img src="/favicon.svg" alt="" width="22" height="22" />
        <span className="brand-city">{city.name}</span>
      </span>
      <nav ref={nav} aria-label={t('nav.title')}>
        {placesFor(roles).map(({ path, words }) => (
          <NavLink key={path} to={path}>
            {t(words)}
          </NavLink>
        ))}
        <HoldsLink />
        <OriginalsLink />
      </nav>
      <span className="topbar-end">
        <HealthBadge />
        <LiveClock />
        <UserMenu />
      </span>
    </header>
  )
}

/** Time of the server in the city's zone, and whether news comes. */
function LiveClock() {
  const { t } = useTranslation()
  const { timezone } = useSession().city
  const now = useNow()
  const { kind } = useConnection()
  return (
    <span className="live-clock num" data-kind={kind} title={`${formatFull(now, timezone)} ${timezone}`}>
      <span className="live-word">{t(`connection.word.${kind}`)}</span> {formatTime(now, timezone)}
    </span>
  )
}
