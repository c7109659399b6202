import { useQueries, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { eventsQuery, recordingsQuery } from '../api/recordings.ts'
import type { CameraItem } from '../api/types.ts'
import { ListState } from '../parts/ListState.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { useSession } from '../session/session.ts'
import { serverClock } from '../time/server-clock.ts'
import { useLabel } from '../words/language.ts'
import { sameTimeOn } from './day.ts'
import { EventTable } from './EventTable.tsx'
import { GapTable } from './GapTable.tsx'
import { KeepPanel } from './KeepPanel.tsx'
import { KeptList } from './KeptList.tsx'
import { ReplayBar } from './ReplayBar.tsx'
import { ReplayPane } from './ReplayPane.tsx'
import { Timeline } from './Timeline.tsx'
import { useReplay } from './use-replay.ts'
import { useReplayKeys } from './use-replay-keys.ts'
import { fitted, nearestRecorded, type Span } from './view.ts'

interface Props {
  readonly cameras: readonly CameraItem[]
  readonly start: number
  readonly day: Span
  readonly caseNo: string | null
  /** Something was chosen: the address follows. */
  readonly onMoment: (at: number) => void
  readonly onRemove: (camera: string) => void
}

const HALF_VIEW_MS = 10 * 60_000

/** Pictures, clock, bands and tables of one day. */
export function Desk({ cameras, start, day, caseNo, onMoment, onRemove }: Props) {
  const { t } = useTranslation()
  const label = useLabel()
  const { city, roles } = useSession()
  const growing = serverClock.now() < day.to
  const ids = cameras.map((camera) => camera.id)
  const found = useQueries({ queries: ids.map((id) => recordingsQuery(id, day.from, day.to, growing)) })
  const events = useQuery(eventsQuery(ids, day.from, day.to, growing))
  const recorded = useMemo(
    () =>
      new Map(found.flatMap(({ data }) => (data ? [[data.camera, data.recorded.map(spanOf)] as const] : []))),
    [found],
  )
  const everywhere = [...recorded.values()].flat()
  const replay = useReplay(start, recorded)
  const [view, setView] = useState<Span>(() =>
    fitted({ from: start - HALF_VIEW_MS, to: start + HALF_VIEW_MS }, day),
  )
  const [range, setRange] = useState<{ from: number | null; to: number | null }>({ from: null, to: null })
  const [camera = null] = cameras

  /** In a gap the nearest edge is meant. */
  const seek = (wanted: number) => {
    const inDay = Math.min(Math.max(wanted, day.from), Math.min(day.to, serverClock.now()))
    const at = everywhere.length > 0 ? (nearestRecorded(everywhere, inDay) ?? inDay) : inDay
    replay.seek(at)
    onMoment(at)
  }
  const items = events.data?.items ?? []
  useReplayKeys({
    replay,
    seek,
    view,
    setView,
    day,
    recorded: everywhere,
    events: items.map((event) => Date.parse(event.at)),
    setRange,
  })
  const failed = found.find(({ error }) => error)
  const mayKeep = roles.some((role) => role === 'operator' || role === 'investigator')

  return (
    <>
      {failed ? (
        <ProblemNotice
          what={t('common.notLoaded', { what: t('history.recordings') })}
          error={failed.error}
          onRetry={() => void failed.refetch()}
        />
      ) : null}
      {cameras.length === 0 ? <p className="empty">{t('history.pick')}</p> : null}
      <div className="replay-panes" data-count={cameras.length}>
        {cameras.map((one, index) => (
          <ReplayPane
            key={one.id}
            camera={one}
            recordings={found[index]?.data}
            caseNo={caseNo}
            handles={replay.handles}
            head={replay.head}
            at={replay.at}
            onRemove={cameras.length > 1 ? () => onRemove(one.id) : null}
          />
        ))}
      </div>
      <ReplayBar
        replay={replay}
        seek={seek}
        onDay={(text) => {
          const at = sameTimeOn(text, replay.at, city.timezone, serverClock.now())
          if (at !== null) onMoment(at)
        }}
        onRange={setRange}
      />
      <Timeline
        replay={replay}
        day={day}
        view={view}
        onView={setView}
        range={range}
        onSeek={seek}
        lanes={cameras.map((one, index) => ({
          name: label(one.name),
          recordings: found[index]?.data,
          events: items.filter((event) => event.source.id === one.id),
        }))}
      />
      {mayKeep && camera ? (
        <KeepPanel cameras={cameras} range={range} onRange={setRange} caseNo={caseNo} />
      ) : null}
      {camera ? (
        <>
          <section aria-label={t('history.events')}>
            <h2>{t('history.events')}</h2>
            <ListState
              query={events}
              what={t('history.events')}
              empty={items.length === 0}
              emptyText={<p>{t('history.noEvents')}</p>}
            >
              <EventTable events={items} more={events.data?.next !== null} onSeek={seek} />
            </ListState>
          </section>
          <GapTable lanes={found.flatMap(({ data }) => data ?? [])} cameras={cameras} />
          <KeptList cameras={cameras} onSeek={seek} />
        </>
      ) : null}
    </>
  )
}

const spanOf = ({ from, to }: { from: string; to: string }): Span => ({
  from: Date.parse(from),
  to: Date.parse(to),
})
