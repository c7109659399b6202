import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { withParam } from '../alerts/filter.ts'
import { departmentsQuery } from '../api/cameras.ts'
import { casesQuery } from '../api/cases.ts'
import { CaseTable } from '../cases/CaseTable.tsx'
import { OPEN_STATES } from '../cases/states.ts'
import { byTimeLeft } from '../cases/time-left.ts'
import { useSchedule } from '../cases/use-schedule.ts'
import { useListRead } from '../live/LiveProvider.tsx'
import { ListState, MoreButton } from '../parts/ListState.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { useSession } from '../session/session.ts'
import { useNow } from '../time/use-now.ts'
import { useLabel } from '../words/language.ts'
import { AcceptButton } from './AcceptButton.tsx'
import { countGroups, GROUPS, isIn } from './groups.ts'

/** The work of one department, least time first. An officer sees the own one; city-wide roles choose. */
export function DepartmentPage() {
  const { t } = useTranslation()
  const session = useSession()
  const label = useLabel()
  const now = useNow()
  const schedule = useSchedule()
  const [params, setParams] = useSearchParams()
  const departments = useQuery(departmentsQuery)
  const items = departments.data?.items ?? []
  const id = session.department ?? params.get('department') ?? items[0]?.id ?? null
  const department = items.find((each) => each.id === id)
  const title = department ? label(department.name) : t('nav.department')
  usePageTitle(title)

  const query = useInfiniteQuery({
    ...casesQuery({ state: OPEN_STATES.join(','), department: id, mine: null }),
    enabled: id !== null,
  })
  const listRead = useListRead()
  const asOf = query.data?.pages[0]?.asOf
  useEffect(() => {
    if (asOf !== undefined) listRead('cases', asOf)
  }, [asOf, listRead])
  // Sorting by time left is only true over all open cases, so all pages are read.
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const pages = query.data?.pages.length ?? 0
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && pages < MAX_PAGES) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, pages])

  const cases = query.data?.pages.flatMap((page) => page.items) ?? []
  const counts = countGroups(cases, now, schedule)
  const group = GROUPS.find((each) => each === params.get('group')) ?? null
  const shown = byTimeLeft(group ? cases.filter((item) => isIn(group, item, now, schedule)) : cases)
  const set = (name: string, value: string | null) =>
    setParams(withParam(params, name, value), { replace: true })

  return (
    <div className="page">
      <header className="page-head">
        <h1 className={session.department === null ? 'sr-only' : undefined}>{title}</h1>
        {department && !department.reachable ? (
          <span className="failed">{t('departments.unreachableLong')}</span>
        ) : null}
        <div className="filters">
          {session.department === null ? (
            <Select
              showSearch
              optionFilterProp="label"
              aria-label={t('cases.department')}
              value={id}
              onChange={(next: string) => set('department', next)}
              options={items.map((each) => ({ value: each.id, label: label(each.name) }))}
              className="filter-wide"
            />
          ) : null}
          <div className="groups">
            {GROUPS.map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={group === each}
                data-alarm={(each === 'overdue' || each === 'soon') && counts[each] > 0 ? each : undefined}
                onClick={() => set('group', group === each ? null : each)}
              >
                {t(`groups.${each}`)} <span className="num">{counts[each]}</span>
              </button>
            ))}
          </div>
        </div>
      </header>
      {id === null && departments.isSuccess ? (
        <p className="empty">{t('departments.none')}</p>
      ) : (
        <ListState
          query={query}
          what={t('departments.cases')}
          empty={shown.length === 0}
          emptyText={
            <p>
              {group ? t('departments.groupEmpty', { group: t(`groups.${group}`) }) : t('departments.empty')}
            </p>
          }
        >
          <CaseTable cases={shown} actions={(item) => <AcceptButton item={item} />} />
          {pages >= MAX_PAGES ? <MoreButton query={query} /> : null}
        </ListState>
      )}
    </div>
  )
}

const MAX_PAGES = 10
