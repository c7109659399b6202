import { useQuery } from '@tanstack/react-query'
import { Button, Input, Select } from 'antd'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { HAZARD_TYPES } from '../../../../core/catalogue.ts'
import { GROUPINGS } from '../../../../core/statistics/figures.ts'
import { withParam } from '../alerts/filter.ts'
import { departmentsQuery } from '../api/cameras.ts'
import { statisticsQuery, statisticsSheetUrl } from '../api/statistics.ts'
import { Field } from '../parts/Field.tsx'
import { ListState, LoadingShape } from '../parts/ListState.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { hasRole, useSession } from '../session/session.ts'
import { formatFull } from '../time/format.ts'
import { Moment } from '../time/Moment.tsx'
import { useNow } from '../time/use-now.ts'
import { useLabel, useLanguage } from '../words/language.ts'
import { useTypeName } from '../words/names.ts'
import { AlarmPanel } from './AlarmPanel.tsx'
import { Definitions } from './Definitions.tsx'
import { FigureTable } from './FigureTable.tsx'
import { presets } from './share.ts'

const Trend = lazy(async () => ({ default: (await import('./Trend.tsx')).Trend }))

/** What a city reports of a period: figures first as a table, every one with its denominator and the way to its cases. */
export function StatisticsPage() {
  const { t } = useTranslation()
  usePageTitle(t('statistics.title'))
  const label = useLabel()
  const typeName = useTypeName()
  const language = useLanguage()
  const session = useSession()
  const now = useNow()
  const [params, setParams] = useSearchParams()
  const ask = {
    from: params.get('from'),
    to: params.get('to'),
    by: GROUPINGS.find((each) => each === params.get('by')) ?? 'department',
    type: params.get('type'),
    department: params.get('department'),
  }
  const query = useQuery(statisticsQuery(ask))
  const departments = useQuery(departmentsQuery)
  const statistics = query.data
  const set = (name: string, value: string | null) =>
    setParams(withParam(params, name, value), { replace: true })
  const spans = presets(formatFull(now, session.city.timezone).slice(0, 10))
  const cityWide = hasRole(session, 'operator', 'investigator', 'auditor')
  return (
    <div className="page statistics">
      <header className="page-head">
        <h1>{t('statistics.title')}</h1>
        <div className="filters">
          <Field label={t('statistics.from')}>
            {(id) => (
              <Input
                id={id}
                type="date"
                value={ask.from ?? statistics?.from ?? ''}
                onChange={(event) => set('from', event.target.value)}
              />
            )}
          </Field>
          <Field label={t('statistics.to')}>
            {(id) => (
              <Input
                id={id}
                type="date"
                value={ask.to ?? statistics?.to ?? ''}
                onChange={(event) => set('to', event.target.value)}
              />
            )}
          </Field>
          {(['month', 'lastMonth', 'year'] as const).map((name) => (
            <Button
              key={name}
              onClick={() => {
                const [from, to] = spans[name]
                setParams(withParam(withParam(params, 'from', from), 'to', to), { replace: true })
              }}
            >
              {t(`statistics.span.${name}`)}
            </Button>
          ))}
          <Field label={t('statistics.rowsBy')}>
            {(id) => (
              <Select
                id={id}
                value={ask.by}
                onChange={(by: string) => set('by', by)}
                options={GROUPINGS.map((by) => ({ value: by, label: t(`statistics.by.${by}`) }))}
              />
            )}
          </Field>
          <Select
            allowClear
            showSearch
            optionFilterProp="label"
            aria-label={t('statistics.by.type')}
            placeholder={t('statistics.allTypes')}
            value={ask.type}
            onChange={(chosen?: string | null) => set('type', chosen ?? null)}
            options={HAZARD_TYPES.map((type) => ({ value: type, label: typeName(type) }))}
            className="filter-wide"
          />
          {cityWide ? (
            <Select
              allowClear
              showSearch
              optionFilterProp="label"
              aria-label={t('statistics.by.department')}
              placeholder={t('cases.allDepartments')}
              value={ask.department}
              onChange={(chosen?: string | null) => set('department', chosen ?? null)}
              options={(departments.data?.items ?? []).map(({ id, name }) => ({
                value: id,
                label: label(name),
              }))}
              className="filter-wide"
            />
          ) : null}
          <Button href={statisticsSheetUrl(ask, language === 'en' ? 'en' : 'zh')}>
            {t('statistics.sheet')}
          </Button>
        </div>
      </header>
      <ListState query={query} what={t('statistics.title')} empty={!statistics} emptyText={null}>
        {statistics ? (
          <>
            <p className="caption">
              {t('statistics.asOf')} <Moment at={statistics.at} full /> · {statistics.from} – {statistics.to}{' '}
              ({statistics.timezone})
              {statistics.limitedTo
                ? ` · ${t('statistics.own', { name: label(statistics.limitedTo.name) })}`
                : ''}
            </p>
            <FigureTable statistics={statistics} filters={{ type: ask.type, department: ask.department }} />
            <p className="caption">{t('statistics.small')}</p>
            {(statistics.by === 'day' || statistics.by === 'month') && statistics.rows.length > 1 ? (
              <Suspense fallback={<LoadingShape />}>
                <Trend rows={statistics.rows} />
              </Suspense>
            ) : null}
            {cityWide ? <AlarmPanel from={ask.from} to={ask.to} /> : null}
            <Definitions dispatchLimitMs={statistics.dispatchLimitMs} />
          </>
        ) : null}
      </ListState>
    </div>
  )
}
