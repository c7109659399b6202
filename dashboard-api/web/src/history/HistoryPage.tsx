import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { camerasQuery } from '../api/cameras.ts'
import type { CameraItem } from '../api/types.ts'
import { ListState } from '../parts/ListState.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { useSession } from '../session/session.ts'
import { serverClock } from '../time/server-clock.ts'
import { CameraPicker } from './CameraPicker.tsx'
import { Desk } from './Desk.tsx'
import { dayOf, dayText } from './day.ts'

const MAX_CAMERAS = 4
/** The newest minute is still on its way to the disk. */
const BEHIND_MS = 60_000

/** Recordings of up to four cameras on one clock. What is open, and when, is in the address: `?cameras=a,b&t=…`. */
export function HistoryPage() {
  const { t } = useTranslation()
  usePageTitle(t('nav.history'))
  const { timezone } = useSession().city
  const [search, setSearch] = useSearchParams()
  const query = useQuery(camerasQuery)
  const all = query.data?.items
  const ids = search.get('cameras')
  const open = useMemo(() => chosen(all ?? [], ids), [all, ids])
  const asked = Date.parse(search.get('t') ?? '')
  const start = useMemo(() => (Number.isNaN(asked) ? serverClock.now() - BEHIND_MS : asked), [asked])
  const day = dayOf(start, timezone)

  const change = (more: Readonly<Record<string, string>>) =>
    setSearch(
      (old) => {
        const next = new URLSearchParams(old)
        for (const [name, value] of Object.entries(more)) next.set(name, value)
        return next
      },
      { replace: true },
    )
  useEffect(() => {
    if (all && ids !== null && open.length === 0 && all.length > 0)
      console.warn(`None of the cameras "${ids}" is known here.`)
  }, [all, ids, open])

  return (
    <div className="page history">
      <h1 className="sr-only">{t('nav.history')}</h1>
      <ListState
        query={query}
        what={t('cameras.list')}
        empty={all?.length === 0}
        emptyText={<p>{t('history.noCameras')}</p>}
      >
        <CameraPicker
          cameras={all ?? []}
          open={open}
          max={MAX_CAMERAS}
          onChange={(next) => change({ cameras: next.join() })}
        />
        {day ? (
          <Desk
            // Another day is another desk: its bands begin anew.
            key={dayText(start, timezone)}
            cameras={open}
            start={start}
            day={day}
            caseNo={search.get('case')}
            onMoment={(at) => change({ t: new Date(at).toISOString() })}
            onRemove={(id) =>
              change({
                cameras: open
                  .map((one) => one.id)
                  .filter((one) => one !== id)
                  .join(),
              })
            }
          />
        ) : null}
      </ListState>
    </div>
  )
}

/** Those of the address that exist; without any the first one of the city. */
function chosen(cameras: readonly CameraItem[], ids: string | null): readonly CameraItem[] {
  if (ids === null) return cameras.slice(0, 1)
  const wanted = new Set(ids.split(',').slice(0, MAX_CAMERAS))
  return [...wanted].flatMap((id) => cameras.find((camera) => camera.id === id) ?? [])
}
