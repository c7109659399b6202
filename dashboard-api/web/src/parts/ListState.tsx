import { Button } from 'antd'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { toApiError } from '../api/problem.ts'
import { ProblemNotice } from './ProblemNotice.tsx'

interface Props {
  /** A query: what it holds and how it went. */
  readonly query: { readonly isPending: boolean; readonly error: unknown; readonly refetch: () => unknown }
  readonly what: string
  readonly empty: boolean
  /** Why there is nothing, and since when. */
  readonly emptyText: ReactNode
  readonly children: ReactNode
}

/** Loading, empty, not allowed, failed and full of one list. Stale and offline are the bar above every page. */
export function ListState({ query, what, empty, emptyText, children }: Props) {
  const { t } = useTranslation()
  if (query.isPending) return <LoadingShape />
  const failed = query.error !== null && query.error !== undefined
  const notice = failed ? (
    <div className="list-notice">
      {toApiError(query.error).status === 403 ? (
        <p className="empty">{t('common.noPermission', { what })}</p>
      ) : (
        <ProblemNotice
          what={t('common.notLoaded', { what })}
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
    </div>
  ) : null
  if (empty) return notice ?? <div className="empty">{emptyText}</div>
  return (
    <>
      {notice}
      {children}
    </>
  )
}

/** A grey shape, and only after 150 ms: a flash of grey is worse than nothing. */
export function LoadingShape({ rows = 4 }: { readonly rows?: number }) {
  const { t } = useTranslation()
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className="loading" aria-busy="true">
      <span className="sr-only">{t('common.loading')}</span>
      {late ? <div className="loading-shape" style={{ height: rows * 28 - 12 }} /> : null}
    </div>
  )
}

/** Asks for the next page; nothing is fetched that nobody wants to read. */
export function MoreButton({
  query,
}: {
  readonly query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }
}) {
  const { t } = useTranslation()
  if (!query.hasNextPage) return null
  return (
    <div className="more">
      <Button onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
        {t('common.more')}
      </Button>
    </div>
  )
}
