import { useQuery } from '@tanstack/react-query'
import { Checkbox } from 'antd'
import { lazy, Suspense, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { sitesOf } from '../../../../core/map/sites.ts'
import { baseMapQuery, mapItemsQuery } from '../api/map.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { ListState, LoadingShape } from '../parts/ListState.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { Moment } from '../time/Moment.tsx'
import { BaseNote } from './BaseNote.tsx'
import { KINDS, type MapChoice, readChoice, shownItems, siteOf, within, writeChoice } from './choice.ts'
import type { Bounds, MapHandle } from './MapCanvas.tsx'
import { SiteList } from './SiteList.tsx'
import { hasWebGl } from './webgl.ts'

const MapCanvas = lazy(() => import('./MapCanvas.tsx'))

/** What is where: the map, and beside it the same as a list. */
export function MapPage() {
  const { t } = useTranslation()
  usePageTitle(t('map.title'))
  const base = useQuery(baseMapQuery)
  const query = useQuery(mapItemsQuery)
  const [params, setParams] = useSearchParams()
  const choice = readChoice(params)
  const choose = (change: Partial<MapChoice>) =>
    setParams(writeChoice({ ...choice, ...change }), { replace: true })
  const [view, setView] = useState<Bounds | null>(null)
  const handle = useRef<MapHandle>(null)

  const items = query.data?.items ?? []
  const { hide, bad } = { hide: choice.hidden.join(), bad: choice.onlyBad }
  // biome-ignore lint/correctness/useExhaustiveDependencies: `hide` and `bad` are what of the choice narrows
  const { sites, nowhere } = useMemo(() => sitesOf(shownItems(items, choice)), [query.data, hide, bad])
  const chosen = siteOf(sites, choice.show)
  const drawn = hasWebGl() && sites.length > 0
  const listed = drawn && view ? sites.filter((site) => within(site, view)) : sites

  const step = (by: 1 | -1) => {
    const at = chosen ? listed.indexOf(chosen) : -1
    const next = listed[at < 0 ? 0 : at + by]
    if (next) choose({ show: next.key })
  }
  useKeys('keys.groups.map', [
    { codes: ['KeyJ'], shown: 'j', words: 'keys.next', repeats: true, run: () => step(1) },
    { codes: ['KeyK'], shown: 'k', words: 'keys.previous', repeats: true, run: () => step(-1) },
    { codes: ['Equal'], shown: '+', words: 'map.zoomIn', enabled: drawn, run: () => handle.current?.zoom(1) },
    {
      codes: ['Minus'],
      shown: '-',
      words: 'map.zoomOut',
      enabled: drawn,
      run: () => handle.current?.zoom(-1),
    },
    { codes: ['Digit0'], shown: '0', words: 'map.whole', enabled: drawn, run: () => handle.current?.fit() },
    {
      codes: ['Escape'],
      shown: 'Esc',
      words: 'keys.back',
      enabled: choice.show !== null,
      run: () => choose({ show: null }),
    },
  ])

  const onChoose = (key: string | null) => choose({ show: key })
  return (
    <div className="map-page">
      <section className="map-side" aria-label={t('map.list')}>
        <h1>{t('map.title')}</h1>
        <fieldset className="map-filter">
          <legend className="sr-only">{t('map.filter')}</legend>
          {KINDS.map((kind) => (
            <Checkbox
              key={kind}
              checked={!choice.hidden.includes(kind)}
              onChange={({ target }) =>
                choose({
                  hidden: target.checked
                    ? choice.hidden.filter((each) => each !== kind)
                    : [...choice.hidden, kind],
                })
              }
            >
              {t(`map.kind.${kind}`, { n: items.filter((item) => item.kind === kind).length })}
            </Checkbox>
          ))}
          <Checkbox checked={choice.onlyBad} onChange={({ target }) => choose({ onlyBad: target.checked })}>
            {t('map.onlyBad')}
          </Checkbox>
        </fieldset>
        <ListState
          query={query}
          what={t('map.list')}
          empty={sites.length + nowhere.length === 0}
          emptyText={<p>{t(items.length > 0 ? 'map.filtered' : 'map.nothing')}</p>}
        >
          <Counts total={query.data?.total} items={items} at={query.dataUpdatedAt} />
          {choice.show !== null && !chosen && query.data ? (
            <p className="map-note">{t('map.goneOrHidden')}</p>
          ) : null}
          {drawn ? <p className="caption">{t('map.inView', { n: listed.length, m: sites.length })}</p> : null}
          <SiteList sites={listed} nowhere={nowhere} chosen={chosen} onChoose={onChoose} />
        </ListState>
      </section>
      <section className="map-main" aria-label={t('map.title')}>
        {base.error ? (
          <ProblemNotice
            what={t('common.notLoaded', { what: t('map.base') })}
            error={base.error}
            onRetry={() => void base.refetch()}
          />
        ) : null}
        {base.data ? <BaseNote base={base.data} /> : null}
        {!hasWebGl() ? <p className="map-note">{t('map.noWebGl')}</p> : null}
        {hasWebGl() && query.data && sites.length === 0 ? (
          <p className="map-note">{t(items.length > 0 ? 'map.noPoints' : 'map.nothing')}</p>
        ) : null}
        {drawn && base.data ? (
          <Suspense fallback={<LoadingShape />}>
            <MapCanvas
              ref={handle}
              base={base.data}
              sites={sites}
              chosen={chosen}
              onChoose={onChoose}
              onView={setView}
            />
          </Suspense>
        ) : null}
        {drawn ? <p className="map-legend caption">{t('map.legend')}</p> : null}
      </section>
    </div>
  )
}

/** When it was read, and whether some are not listed. */
function Counts({
  total,
  items,
  at,
}: {
  readonly total: { readonly alerts: number; readonly cases: number } | undefined
  readonly items: readonly { readonly kind: string }[]
  readonly at: number
}) {
  const { t } = useTranslation()
  const listed = (kind: string) => items.filter((item) => item.kind === kind).length
  return (
    <p className="caption">
      {t('map.asOf')} <Moment at={new Date(at).toISOString()} full />
      {total && total.alerts > listed('alert')
        ? ` · ${t('map.cutAlerts', { n: listed('alert'), m: total.alerts })}`
        : ''}
      {total && total.cases > listed('case')
        ? ` · ${t('map.cutCases', { n: listed('case'), m: total.cases })}`
        : ''}
    </p>
  )
}
