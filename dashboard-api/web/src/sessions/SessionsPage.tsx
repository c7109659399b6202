import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import type { OpenSession } from '../../../../core/api/sessions.ts'
import { endOtherSessions, endSession, openSessionsQuery } from '../api/sessions.ts'
import { ListState } from '../parts/ListState.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { hasRole, useSession } from '../session/session.ts'
import { Moment } from '../time/Moment.tsx'
import { browserName } from './browser-name.ts'

/** Where one is logged in, to end what was left open; for admins everybody's. */
export function SessionsPage() {
  const { t } = useTranslation()
  usePageTitle(t('sessions.title'))
  const [params, setParams] = useSearchParams()
  const admin = hasRole(useSession(), 'admin')
  const of = admin && params.get('of') === 'all' ? 'all' : 'me'
  const query = useQuery(openSessionsQuery(of))
  const client = useQueryClient()
  const change = useMutation({
    mutationFn: async (end: () => Promise<unknown>) => void (await end()),
    onSettled: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  })
  const items = query.data?.items ?? []
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('sessions.title')}</h1>
        {admin ? (
          <Button size="small" onClick={() => setParams(of === 'all' ? {} : { of: 'all' })}>
            {t(of === 'all' ? 'sessions.showMine' : 'sessions.showAll')}
          </Button>
        ) : null}
        {of === 'me' && items.length > 1 ? (
          <Button size="small" disabled={change.isPending} onClick={() => change.mutate(endOtherSessions)}>
            {t('sessions.endOthers')}
          </Button>
        ) : null}
      </header>
      <p className="caption">{t('sessions.lead')}</p>
      {change.error ? <ProblemNotice what={t('sessions.notEnded')} error={change.error} /> : null}
      <ListState query={query} what={t('sessions.title')} empty={items.length === 0} emptyText={null}>
        <div className="table-scroll">
          <table className="case-table card-lines">
            <caption className="sr-only">{t('sessions.title')}</caption>
            <thead>
              <tr>
                {(['who', 'since', 'lastUse', 'address', 'browser', 'end'] as const).map((name) => (
                  <th key={name} scope="col">
                    {t(`sessions.${name}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <Row
                  key={item.id}
                  item={item}
                  busy={change.isPending}
                  onEnd={() => change.mutate(() => endSession(item.id))}
                />
              ))}
            </tbody>
          </table>
        </div>
      </ListState>
    </div>
  )
}

function Row(props: { readonly item: OpenSession; readonly busy: boolean; readonly onEnd: () => void }) {
  const { t } = useTranslation()
  const { item, busy, onEnd } = props
  return (
    <tr>
      <td>
        <strong>{item.name}</strong>
      </td>
      <td className="cell-filed" data-label={t('sessions.since')}>
        <Moment at={item.since} full />
      </td>
      <td className="cell-filed" data-label={t('sessions.lastUse')}>
        <Moment at={item.lastUse} full />
      </td>
      <td data-label={t('sessions.address')}>{item.address ?? t('sessions.unknown')}</td>
      <td className="break" data-label={t('sessions.browser')} title={item.browser ?? undefined}>
        {item.browser === null ? t('sessions.unknown') : browserName(item.browser)}
      </td>
      <td>
        {item.mine ? (
          <span className="caption">{t('sessions.this')}</span>
        ) : (
          <Button
            size="small"
            disabled={busy}
            aria-label={t('sessions.endOf', { name: item.name, browser: browserName(item.browser ?? '') })}
            onClick={onEnd}
          >
            {t('sessions.end')}
          </Button>
        )}
      </td>
    </tr>
  )
}
