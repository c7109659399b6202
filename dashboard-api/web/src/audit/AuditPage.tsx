import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { auditQuery, auditSheetUrl, auditTreeQuery } from '../api/audit.ts'
import { ListState, MoreButton } from '../parts/ListState.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { hasRole, useSession } from '../session/session.ts'
import { AuditFilters } from './AuditFilters.tsx'
import { AuditTable } from './AuditTable.tsx'
import { BrokenLog } from './BrokenLog.tsx'
import { ChainLine } from './ChainLine.tsx'
import { HowToVerify } from './HowToVerify.tsx'
import { readSearch, toAsk, toParams } from './search.ts'

/** Who looked at what, and why; and whether anything was changed since. Filters live in the URL. */
export function AuditPage() {
  const { t } = useTranslation()
  usePageTitle(t('audit.title'))
  if (hasRole(useSession(), 'auditor')) return <AuditLog />
  return (
    <div className="page">
      <h1>{t('audit.title')}</h1>
      <p className="empty">{t('common.noPermission', { what: t('audit.title') })}</p>
    </div>
  )
}

function AuditLog() {
  const { t } = useTranslation()
  const { timezone } = useSession().city
  const [params, setParams] = useSearchParams()
  const search = readSearch(params)
  const ask = toAsk(search, timezone)
  const query = useInfiniteQuery(auditQuery(ask))
  const tree = useQuery(auditTreeQuery)
  const entries = query.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className="page audit">
      {tree.data?.state === 'broken' ? <BrokenLog tree={tree.data} /> : null}
      <header className="page-head">
        <h1>{t('audit.title')}</h1>
        <a className="audit-export" href={auditSheetUrl(ask)} download>
          {t('audit.export')}
        </a>
      </header>
      <ListState query={tree} what={t('audit.chain')} empty={!tree.data} emptyText={null}>
        {tree.data && tree.data.state !== 'broken' ? <ChainLine tree={tree.data} /> : null}
      </ListState>
      <AuditFilters
        key={params.toString()}
        search={search}
        onSearch={(next) => {
          const asked = toParams(next)
          // The same question again is a new search: it may have more to tell by now.
          if (asked.toString() === params.toString()) void query.refetch()
          else setParams(asked)
        }}
      />
      <p className="caption">{t('audit.logged')}</p>
      <ListState
        query={query}
        what={t('audit.entries')}
        empty={entries.length === 0}
        emptyText={<p>{params.size > 0 ? t('audit.noneFound') : t('audit.none')}</p>}
      >
        <AuditTable entries={entries} />
        <MoreButton query={query} />
      </ListState>
      {tree.data ? <HowToVerify tree={tree.data} /> : null}
    </div>
  )
}
