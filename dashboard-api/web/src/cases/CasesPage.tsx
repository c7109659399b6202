import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Select, Switch } from 'antd'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router'
import { CASE_STATES } from '../../../../core/case/words.ts'
import { withParam } from '../alerts/filter.ts'
import { departmentsQuery } from '../api/cameras.ts'
import { casesQuery } from '../api/cases.ts'
import { useListRead } from '../live/LiveProvider.tsx'
import { Field } from '../parts/Field.tsx'
import { ListState, MoreButton } from '../parts/ListState.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { hasRole, useSession } from '../session/session.ts'
import { useLabel } from '../words/language.ts'
import { useStateName } from '../words/names.ts'
import { CaseTable } from './CaseTable.tsx'
import { OPEN_STATES, readCaseStates } from './states.ts'

/** All cases the reader may see, newest first; filters live in the URL. */
export function CasesPage() {
  const { t } = useTranslation()
  usePageTitle(t('nav.cases'))
  const session = useSession()
  const stateName = useStateName()
  const label = useLabel()
  const [params, setParams] = useSearchParams()
  const states = readCaseStates(params)
  const department = params.get('department')
  const mine = params.get('mine') === 'true'
  const query = useInfiniteQuery(casesQuery({ state: (states ?? OPEN_STATES).join(','), department, mine }))
  const departments = useQuery(departmentsQuery)
  const listRead = useListRead()
  const asOf = query.data?.pages[0]?.asOf
  useEffect(() => {
    if (asOf !== undefined) listRead('cases', asOf)
  }, [asOf, listRead])

  const cases = query.data?.pages.flatMap((page) => page.items) ?? []
  const set = (name: string, value: string | null) =>
    setParams(withParam(params, name, value), { replace: true })
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.cases')}</h1>
        {hasRole(session, 'operator') ? <Link to="/file">{t('filing.open')}</Link> : null}
        <div className="filters">
          <Select
            mode="multiple"
            allowClear
            maxTagCount="responsive"
            aria-label={t('cases.state')}
            placeholder={t('cases.openOnes')}
            value={states ? [...states] : []}
            onChange={(chosen) => set('state', chosen.join(','))}
            options={CASE_STATES.map((state) => ({ value: state, label: stateName(state) }))}
            className="filter-wide"
          />
          <Select
            allowClear
            showSearch
            optionFilterProp="label"
            aria-label={t('cases.department')}
            placeholder={t('cases.allDepartments')}
            value={department}
            onChange={(chosen?: string | null) => set('department', chosen ?? null)}
            options={(departments.data?.items ?? []).map(({ id, name }) => ({
              value: id,
              label: label(name),
            }))}
            className="filter-wide"
          />
          <Field label={t('cases.mine')} layout="beside">
            {(id) => <Switch id={id} checked={mine} onChange={(on) => set('mine', on ? 'true' : null)} />}
          </Field>
        </div>
      </header>
      <ListState
        query={query}
        what={t('nav.cases')}
        empty={cases.length === 0}
        emptyText={<p>{params.size > 0 ? t('cases.noneFound') : t('cases.none')}</p>}
      >
        <CaseTable cases={cases} />
        <MoreButton query={query} />
      </ListState>
    </div>
  )
}
