import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router'
import { usePageTitle } from '../parts/use-page-title.ts'
import { hasRole, useSession } from '../session/session.ts'
import { DepartmentsTab } from './DepartmentsTab.tsx'
import { RetentionTab } from './RetentionTab.tsx'
import { RoutesTab } from './RoutesTab.tsx'
import { UsersTab } from './UsersTab.tsx'

const TABS = {
  users: UsersTab,
  departments: DepartmentsTab,
  routes: RoutesTab,
  retention: RetentionTab,
} as const
type Tab = keyof typeof TABS

export interface TabProps {
  /** Id of the object that is open, `new`, or none. */
  readonly chosen: string | null
  readonly choose: (id: string | null) => void
}

/** People, departments with their channels, routes, and how long things are kept. */
export function AdminPage() {
  const { t } = useTranslation()
  usePageTitle(t('admin.title'))
  const session = useSession()
  const [params, setParams] = useSearchParams()
  const asked = params.get('tab') ?? 'users'
  const tab: Tab = Object.hasOwn(TABS, asked) ? (asked as Tab) : 'users'
  const Content = TABS[tab]
  if (!hasRole(session, 'admin'))
    return (
      <div className="page">
        <h1>{t('admin.title')}</h1>
        <p className="empty">{t('common.noPermission', { what: t('admin.title') })}</p>
      </div>
    )
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('admin.title')}</h1>
        <nav className="admin-tabs" aria-label={t('admin.tabs')}>
          {(Object.keys(TABS) as Tab[]).map((name) => (
            <Link key={name} to={`?tab=${name}`} aria-current={name === tab ? 'page' : undefined}>
              {t(`admin.tab.${name}`)}
            </Link>
          ))}
          <Link to="/cameras/manage">{t('cameraAdmin.title')}</Link>
        </nav>
      </header>
      <Content
        key={tab}
        chosen={params.get('id')}
        choose={(id) => setParams(id === null ? { tab } : { tab, id })}
      />
    </div>
  )
}
