import { useQuery } from '@tanstack/react-query'
import { Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate, Outlet, useLocation } from 'react-router'
import { SoundDesk } from '../desk/SoundDesk.tsx'
import { UndoBar } from '../desk/UndoBar.tsx'
import { KeysProvider } from '../keys/KeysProvider.tsx'
import { LiveProvider } from '../live/LiveProvider.tsx'
import { FaultBar } from '../parts/FaultBar.tsx'
import { LoadingShape } from '../parts/ListState.tsx'
import { later, useWarmUp } from '../parts/later.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { hasRole, homeOf, sessionQuery, useSession } from '../session/session.ts'
import { ConnectionBar } from './ConnectionBar.tsx'
import { GlobalKeys } from './GlobalKeys.tsx'
import { TopBar } from './TopBar.tsx'

const PasswordPage = later(
  async () => (await import('../session/PasswordPage.tsx')).PasswordPage,
  () => <LoadingShape />,
)

/** Everything behind the log-in: who is not logged in goes there and comes back to the same page. */
export function Shell() {
  const { t } = useTranslation()
  const session = useQuery(sessionQuery)
  const { pathname, search } = useLocation()
  if (session.isPending) return <LoadingShape />
  if (session.error && !session.data) {
    return (
      <div className="page">
        <ProblemNotice
          what={t('common.notLoaded', { what: t('login.session') })}
          error={session.error}
          onRetry={() => void session.refetch()}
        />
      </div>
    )
  }
  if (!session.data) {
    const next = pathname === '/' ? '' : `?next=${encodeURIComponent(pathname + search)}`
    return <Navigate to={`/login${next}`} replace />
  }
  if (session.data.mustChangePassword) return <PasswordPage session={session.data} />
  return (
    <LiveProvider key={session.data.name}>
      <KeysProvider>
        <Frame />
      </KeysProvider>
    </LiveProvider>
  )
}

function Frame() {
  const { t } = useTranslation()
  const { pathname } = useLocation()
  const session = useSession()
  useWarmUp()
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t('common.skip')}
      </a>
      {pathname === '/wall' ? null : <TopBar />}
      <ConnectionBar />
      <FaultBar />
      {hasRole(session, 'operator') && pathname !== '/wall' ? <SoundDesk /> : null}
      <GlobalKeys />
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<LoadingShape />}>
          <Outlet />
        </Suspense>
      </main>
      <UndoBar />
    </div>
  )
}

/** The first page for this person. */
export function Home() {
  return <Navigate to={homeOf(useSession())} replace />
}
