import { useQuery } from '@tanstack/react-query'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Navigate, Outlet, useLocation } from 'react-router'
import type { Session } from '../api/types.ts'
import { LoadingShape } from '../parts/ListState.tsx'
import { hasRole, sessionQuery } from '../session/session.ts'
import { sending } from './queue/progress.ts'
import { keepSession, keptSession } from './store/kept.ts'
import { FieldContext } from './use-field.ts'
import { useServiceWorker } from './worker/register.ts'

/**
 * The frame of the phone's pages. Who was logged in last may go on without a network: what is written is kept, and sent
 * when the server has said who it is.
 */
export function FieldShell() {
  const { t } = useTranslation()
  const { pathname } = useLocation()
  const { update } = useServiceWorker()
  const [last, setLast] = useState<Session | null | undefined>()
  const session = useQuery({ ...sessionQuery, networkMode: 'always', retry: false })
  const known = session.data
  useEffect(() => {
    // Who is known meanwhile counts more than who was kept.
    const take = (found: Session | null) => setLast((old) => old ?? found)
    keptSession().then(take, () => take(null))
  }, [])
  useEffect(() => {
    if (!known) return
    setLast(known) // also when the server says later that nobody is logged in
    keepSession(known).catch((error: unknown) => console.warn('The log-in is not kept.', error))
  }, [known])
  // The network is back: the server is asked again who this is.
  const { refetch } = session
  useEffect(() => {
    const ask = () => void refetch()
    addEventListener('online', ask)
    return () => removeEventListener('online', ask)
  }, [refetch])

  // The queue has met a log-in, or the end of one: the page should say the same.
  const { login, work } = useSyncExternalStore(sending.subscribe, sending.get)
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when `login` turns
  useEffect(() => void refetch(), [login, refetch])
  // It sends only after the server has said who this is: a page that thinks otherwise asks again.
  const stranger = known === null && work !== null
  useEffect(() => {
    if (stranger) void refetch()
  }, [stranger, refetch])

  const shown = known ?? last
  if (!shown) {
    if (known === undefined && (session.isPending || last === undefined)) return <LoadingShape />
    return <Navigate to={`/login?next=${encodeURIComponent(pathname)}`} replace />
  }
  if (known?.mustChangePassword) return <Navigate to="/" replace />
  return (
    <div className="field-app light">
      {/* Only these pages are an app of the phone. */}
      <link rel="manifest" href="/field.webmanifest" />
      <link rel="apple-touch-icon" href="/icons/field-180.png" />
      {update ? (
        <div className="field-bar" role="status">
          {t('field.update')}
          <button type="button" onClick={update}>
            {t('field.updateNow')}
          </button>
        </div>
      ) : null}
      {known === null ? (
        <div className="field-bar" data-kind="warn" role="alert">
          {t('field.loggedOut')}
          <Link to={`/login?next=${encodeURIComponent(pathname)}`}>{t('login.in')}</Link>
        </div>
      ) : null}
      <FieldContext value={{ session: shown, loggedOut: known === null }}>
        {hasRole(shown, 'officer', 'verifier') ? <Outlet /> : <p className="empty">{t('field.notForYou')}</p>}
      </FieldContext>
    </div>
  )
}
