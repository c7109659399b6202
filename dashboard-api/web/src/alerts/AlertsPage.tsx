import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams, useSearchParams } from 'react-router'
import { alertQuery } from '../api/alerts.ts'
import { camerasQuery } from '../api/cameras.ts'
import { deskQuery } from '../api/desk.ts'
import type { AlertItem } from '../api/types.ts'
import { DeskHeader } from '../desk/DeskHeader.tsx'
import { GroupBar } from '../desk/GroupBar.tsx'
import { GroupFeed } from '../desk/GroupFeed.tsx'
import { useLookers } from '../desk/use-claim.ts'
import { KeyHint } from '../keys/KeyHint.tsx'
import { useKeys } from '../keys/KeysProvider.tsx'
import { ListState, LoadingShape } from '../parts/ListState.tsx'
import { later, Nothing, useOpened } from '../parts/later.tsx'
import type { SwitcherProps } from '../parts/Switcher.tsx'
import { useWide } from '../parts/use-media.ts'
import { usePageTitle } from '../parts/use-page-title.ts'
import { Moment } from '../time/Moment.tsx'
import { AlertFilters } from './AlertFilters.tsx'
import { AlertList } from './AlertList.tsx'
import { AlertRow } from './AlertRow.tsx'
import type { AlertViewProps } from './AlertView.tsx'
import { neighbour, successor } from './feed.ts'
import { readView, toFilter, withParam } from './filter.ts'
import { useFeed } from './use-feed.ts'

const AlertView = later<AlertViewProps>(
  async () => (await import('./AlertView.tsx')).AlertView,
  () => <LoadingShape rows={8} />,
)
const Switcher = later<SwitcherProps>(async () => (await import('../parts/Switcher.tsx')).Switcher, Nothing)

/** The feed with one alert open beside it; on a narrow screen they are two pages under the same URLs. */
export function AlertsPage() {
  const { t } = useTranslation()
  usePageTitle(t('nav.alerts'))
  const { id } = useParams()
  const open = id ?? null
  const [params, setParams] = useSearchParams()
  const navigate = useNavigate()
  const wide = useWide()
  const [scrolled, setScrolled] = useState(false)
  const feed = useFeed(toFilter(params), open, scrolled)
  const { query, shown, held } = feed
  const lookers = useLookers()
  const flood = useQuery({ ...deskQuery, enabled: false }).data?.flood != null
  const ofGroup =
    readView(params) === 'verify' && params.get('camera') !== null && params.get('type') !== null
  const groupable = flood && readView(params) === 'verify' && !ofGroup && open === null
  const grouped = groupable && params.get('rows') !== 'each'
  const cursor = useCursor(open, shown)
  // The first rows are here: what a key opens next comes now. It stays so while another view's rows are read.
  const ready = useOpened(query.isFetched)
  useEffect(() => {
    if (ready) AlertView.warm()
  }, [ready])
  // The open row is told by its own reading: a verdict shows in it at once, also when it has left the filter.
  const opened = useQuery({ ...alertQuery(open ?? ''), enabled: open !== null }).data
  const render = (each: string) => {
    const alert: AlertItem | undefined = each === opened?.id ? opened : feed.row(each)
    if (!alert) return null
    return { done: alert.verdict !== null, row: <AlertRow alert={alert} looking={lookers.get(each)} /> }
  }

  const go = useCallback(
    (next: string | null) => {
      const search = params.toString()
      // At once: as a transition it would begin anew with each change of a flood.
      void navigate(
        { pathname: next ? `/alerts/${next}` : '/alerts', search: search ? `?${search}` : '' },
        { flushSync: true },
      )
    },
    [navigate, params],
  )
  const step = (by: 1 | -1) => {
    const next = neighbour(shown, open ?? cursor(), by)
    if (next) go(next)
  }

  useKeys(
    'keys.groups.feed',
    [
      { codes: ['KeyJ'], shown: 'j', words: 'keys.next', repeats: true, run: () => step(1) },
      { codes: ['ArrowDown'], shown: '↓', words: 'keys.next', repeats: true, run: () => step(1) },
      { codes: ['KeyK'], shown: 'k', words: 'keys.previous', repeats: true, run: () => step(-1) },
      { codes: ['ArrowUp'], shown: '↑', words: 'keys.previous', repeats: true, run: () => step(-1) },
      { codes: ['BracketLeft'], shown: '[', words: 'keys.previous', repeats: true, run: () => step(-1) },
      { codes: ['BracketRight'], shown: ']', words: 'keys.next', repeats: true, run: () => step(1) },
      {
        codes: ['Enter'],
        shown: 'Enter',
        words: 'keys.open',
        enabled: open === null && shown.length > 0,
        run: () => go(cursor() ?? shown[0] ?? null),
      },
      { codes: ['KeyN'], shown: 'n', words: 'keys.takeIn', enabled: held.length > 0, run: feed.takeIn },
      { codes: ['Escape'], shown: 'Esc', words: 'keys.back', enabled: open !== null, run: () => go(null) },
    ],
    { active: !grouped },
  )

  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])

  const rows = (
    <>
      {held.length > 0 ? (
        <Button type="primary" className="feed-held" onClick={feed.takeIn}>
          {t('alerts.held', { n: held.length })} <kbd>n</kbd>
        </Button>
      ) : null}
      <ListState
        query={query}
        what={t('nav.alerts')}
        empty={shown.length === 0}
        emptyText={<NoAlerts filtered={params.size > 0} />}
      >
        <AlertList
          shown={shown}
          render={render}
          open={open}
          onOpen={go}
          onScrolled={setScrolled}
          onEnd={onEnd}
        />
      </ListState>
    </>
  )
  const list = (
    <section className="feed" aria-label={t('nav.alerts')}>
      {open ? null : <h1 className="sr-only">{t('nav.alerts')}</h1>}
      <AlertFilters ready={ready} />
      {ofGroup ? (
        <GroupBar alerts={shown.flatMap((each) => feed.row(each) ?? [])} more={query.hasNextPage} />
      ) : null}
      {groupable ? (
        <div className="feed-group">
          <Switcher
            value={grouped ? 'group' : 'each'}
            options={[
              { value: 'group', label: t('groups.byGroup') },
              { value: 'each', label: t('groups.each') },
            ]}
            onChange={(next) =>
              setParams(withParam(params, 'rows', next === 'each' ? 'each' : null), { replace: true })
            }
          />
        </div>
      ) : null}
      {grouped ? <GroupFeed /> : rows}
    </section>
  )
  const detail = open ? (
    <AlertView key={open} id={open} onBack={wide ? null : () => go(null)} />
  ) : (
    <div className="empty pane-hint">
      <p>{t('alerts.pick')}</p>
      <KeyHint titles={['keys.groups.feed', 'keys.groups.global']} />
    </div>
  )
  return (
    <div className="desk">
      {wide || !open ? <DeskHeader /> : null}
      {wide ? (
        <div className="split">
          {list}
          {detail}
        </div>
      ) : (
        <div className="single">{open ? detail : list}</div>
      )}
    </div>
  )
}

function NoAlerts({ filtered }: { readonly filtered: boolean }) {
  const { t } = useTranslation()
  const { data } = useQuery(camerasQuery)
  const online = data?.items.filter((camera) => camera.state === 'online').length
  const latest = data?.items
    .map((camera) => camera.lastFrameAt)
    .filter((at) => at !== null)
    .sort()
    .at(-1)
  return (
    <>
      <p>{filtered ? t('alerts.noneFound') : t('alerts.none')}</p>
      {online !== undefined && data ? (
        <p className="caption">{t('alerts.watched', { online, all: data.items.length })}</p>
      ) : null}
      {latest ? (
        <p className="caption">
          {t('alerts.latestPicture')} <Moment at={latest} />
        </p>
      ) : null}
    </>
  )
}

/** Where the reader stood: keys go on from there after closing an alert, also when its row has left meanwhile. */
function useCursor(open: string | null, shown: readonly string[]): () => string | null {
  const memory = useRef<{ id: string | null; before: readonly string[] }>({ id: null, before: [] })
  useEffect(() => {
    if (open !== null) memory.current = { id: open, before: shown }
  }, [open, shown])
  return () => {
    const { id, before } = memory.current
    return id === null || shown.includes(id) ? id : successor(before, shown, id)
  }
}
