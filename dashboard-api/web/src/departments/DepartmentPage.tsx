import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Button, Checkbox, Segmented, Select } from 'antd'
import { useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { withParam } from '../alerts/filter.ts'
import { departmentsQuery } from '../api/cameras.ts'
import { caseCountsQuery, caseSheetUrl, dueCasesQuery } from '../api/case-lists.ts'
import type { CaseItem } from '../api/types.ts'
import { CaseTable } from '../cases/CaseTable.tsx'
import { OPEN_STATES } from '../cases/states.ts'
import { useConnection, useListRead } from '../live/LiveProvider.tsx'
import { ListState, MoreButton } from '../parts/ListState.tsx'
import { useStoredChoice } from '../parts/stored.ts'
import { usePageTitle } from '../parts/use-page-title.ts'
import { hasRole, useSession } from '../session/session.ts'
import { useLabel, useLanguage } from '../words/language.ts'
import { AcceptButton } from './AcceptButton.tsx'
import { BatchResult } from './BatchResult.tsx'
import { GroupTabs } from './GroupTabs.tsx'
import { readGroup } from './groups.ts'
import { SavedViews } from './SavedViews.tsx'
import { SearchField } from './SearchField.tsx'
import { useBatchAccept } from './use-batch-accept.ts'

const ROW_HEIGHTS = ['24', '32', '40'] as const
const NONE: ReadonlySet<string> = new Set()

/** The work of one department, least time first. An officer sees the own one; city-wide roles choose, or see all. */
export function DepartmentPage() {
  const { t } = useTranslation()
  const session = useSession()
  const label = useLabel()
  const language = useLanguage()
  const offline = useConnection().kind === 'offline'
  const [params, setParams] = useSearchParams()
  const [height, setHeight] = useStoredChoice('case-rows', ROW_HEIGHTS, '40')
  const [chosen, setChosen] = useState(NONE)
  const batch = useBatchAccept()
  const departments = useQuery(departmentsQuery)
  const items = departments.data?.items ?? []
  const own = session.department
  const id = own ?? params.get('department')
  const department = items.find((each) => each.id === id)
  const title = department ? label(department.name) : t('cases.allDepartments')
  usePageTitle(title)

  const group = readGroup(params, session)
  const q = params.get('q')
  const filter = { state: OPEN_STATES.join(','), department: id, group, q }
  const query = useInfiniteQuery({ ...dueCasesQuery(filter), placeholderData: keepPreviousData })
  const counts = useQuery({ ...caseCountsQuery({ department: id, q }), placeholderData: keepPreviousData })
  const listRead = useListRead()
  const asOf = query.data?.pages[0]?.asOf
  useEffect(() => {
    if (asOf !== undefined) listRead('cases', asOf)
  }, [asOf, listRead])

  const cases = query.data?.pages.flatMap((page) => page.items) ?? []
  const mayAccept = (item: CaseItem) =>
    hasRole(session, 'officer') && own === item.lead && item.state === 'pending_accept'
  const ready = cases.filter(mayAccept)
  const picked = ready.filter(({ no }) => chosen.has(no))
  const set = useCallback(
    (name: string, value: string | null) =>
      setParams((old) => withParam(old, name, value), { replace: true }),
    [setParams],
  )
  const search = useCallback((text: string) => set('q', text || null), [set])
  const total = group === null ? counts.data?.open : counts.data?.[group]

  return (
    <div className="page">
      <header className="page-head">
        <h1 className={own === null ? 'sr-only' : undefined}>{title}</h1>
        {department && !department.reachable ? (
          <span className="failed">{t('departments.unreachableLong')}</span>
        ) : null}
        <div className="filters">
          {own === null ? (
            <Select
              allowClear
              showSearch
              optionFilterProp="label"
              aria-label={t('cases.department')}
              placeholder={t('cases.allDepartments')}
              value={id}
              onChange={(next?: string | null) => set('department', next ?? null)}
              options={items.map((each) => ({ value: each.id, label: label(each.name) }))}
              className="filter-wide"
            />
          ) : null}
          <SearchField value={q ?? ''} onSearch={search} />
          <Segmented
            className="row-heights"
            value={height}
            onChange={setHeight}
            options={ROW_HEIGHTS.map((each) => ({ value: each, label: t(`rows.${each}`) }))}
            aria-label={t('rows.title')}
          />
          <SavedViews
            page="department"
            query={params.toString()}
            onOpen={(text) => setParams(new URLSearchParams(text))}
          />
          <Button href={caseSheetUrl(filter, language)} disabled={offline || total === 0}>
            {total === undefined ? t('export.xlsx') : t('export.xlsxOf', { n: total })}
          </Button>
        </div>
        <GroupTabs group={group} counts={counts.data} onChoose={(next) => set('group', next ?? 'all')} />
      </header>
      <BatchResult rows={batch.running ? [] : batch.done} onClose={batch.clear} />
      {items.length === 0 && departments.isSuccess ? (
        <p className="empty">{t('departments.none')}</p>
      ) : (
        <ListState
          query={query}
          what={t('departments.cases')}
          empty={cases.length === 0}
          emptyText={
            <p>
              {q
                ? t('cases.noneFound')
                : group
                  ? t('departments.groupEmpty', { group: t(`caseGroups.${group}`) })
                  : t('departments.empty')}
            </p>
          }
        >
          {ready.length > 0 ? (
            <div className="batch-row">
              <Checkbox
                checked={picked.length === ready.length}
                indeterminate={picked.length > 0 && picked.length < ready.length}
                onChange={(event) =>
                  setChosen(event.target.checked ? new Set(ready.map(({ no }) => no)) : NONE)
                }
              >
                {t('batch.all', { n: ready.length })}
              </Checkbox>
              <Button
                type="primary"
                size="small"
                disabled={offline || picked.length === 0}
                loading={batch.running}
                onClick={() => batch.accept(picked, { onSettled: () => setChosen(NONE) })}
              >
                {t('batch.accept', { n: picked.length })}
              </Button>
            </div>
          ) : null}
          <CaseTable
            cases={cases}
            rowHeight={height}
            {...(ready.length > 0 && {
              choice: (item: CaseItem) =>
                mayAccept(item) ? (
                  <Checkbox
                    aria-label={t('batch.choose', { no: item.no })}
                    checked={chosen.has(item.no)}
                    onChange={({ target }) =>
                      setChosen((old) => {
                        const next = new Set(old)
                        if (target.checked) next.add(item.no)
                        else next.delete(item.no)
                        return next
                      })
                    }
                  />
                ) : null,
            })}
            actions={(item) => <AcceptButton item={item} />}
          />
          <MoreButton query={query} />
        </ListState>
      )}
    </div>
  )
}
