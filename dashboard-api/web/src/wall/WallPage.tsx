import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { camerasQuery } from '../api/cameras.ts'
import { coveredAlertsQuery, urgentAlertsQuery } from '../api/open-alerts.ts'
import { toggleFullScreen } from '../cameras/LivePicture.tsx'
import { mayLook } from '../cameras/may-look.ts'
import { badLast } from '../cameras/order.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { ListState } from '../parts/ListState.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { useSession } from '../session/session.ts'
import { placeTiles, readLayout, wallOrder } from './tiles.ts'
import { WallAlerts } from './WallAlerts.tsx'
import { WallClock } from './WallClock.tsx'
import { WallTile } from './WallTile.tsx'

const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const
/** Alerts come with the change stream; this only heals what was lost. */
const HEAL_MS = 30_000

/** Pictures and open urgent alerts for a room of people: nothing to press but the way out. The layout is in the URL. */
export function WallPage() {
  const { t } = useTranslation()
  usePageTitle(t('wall.title'))
  const navigate = useNavigate()
  const [params] = useSearchParams()
  const layout = readLayout(params)
  const wall = useRef<HTMLDivElement>(null)
  const [large, setLarge] = useState<string | null>(null)
  const cameras = useQuery(camerasQuery)
  const urgent = useQuery({ ...urgentAlertsQuery, refetchInterval: HEAL_MS })
  const covered = useQuery({ ...coveredAlertsQuery, refetchInterval: HEAL_MS })
  const allowed = mayLook(useSession())

  const all = cameras.data?.items ?? []
  const alerts = urgent.data?.items ?? []
  const order = wallOrder(badLast(all), alerts, layout)
  const before = useRef<readonly string[]>([])
  const placed = placeTiles(
    before.current,
    order.map(({ id }) => id),
    layout.tiles,
  )
  before.current = placed
  // The first in order are live, wherever they stand.
  const live = new Set(order.slice(0, layout.live).map(({ id }) => id))
  const shown = large !== null && placed.includes(large) ? [large] : placed

  const leave = () => {
    if (large !== null) return setLarge(null)
    if (document.fullscreenElement) void document.exitFullscreen()
    void navigate('/cameras')
  }
  useKeys('wallKeys.wall', [
    { codes: ['Escape'], shown: 'Esc', words: 'wallKeys.leave', run: leave },
    { codes: ['KeyF'], shown: 'f', words: 'wallKeys.fullScreen', run: () => toggleFullScreen(wall.current) },
    ...DIGITS.map((digit) => ({
      codes: [`Digit${digit}`] as const,
      shown: `${digit}`,
      words: 'wallKeys.tile',
      enabled: placed[digit - 1] !== undefined,
      run: () => setLarge((old) => (old === null ? (placed[digit - 1] ?? null) : null)),
    })),
  ])

  const side = Math.max(1, Math.ceil(Math.sqrt(large === null ? Math.min(layout.tiles, placed.length) : 1)))
  return (
    <div ref={wall} className="wall">
      <h1 className="sr-only">{t('wall.title')}</h1>
      <section className="wall-tiles" data-side={side} aria-label={t('wall.pictures')}>
        {allowed ? (
          <ListState
            query={cameras}
            what={t('cameras.list')}
            empty={placed.length === 0}
            emptyText={<p>{t('cameras.none')}</p>}
          >
            {shown.map((id) => {
              const camera = all.find((each) => each.id === id)
              if (!camera) return null
              return (
                <WallTile
                  key={id}
                  camera={camera}
                  digit={placed.indexOf(id) + 1}
                  live={live.has(id)}
                  alert={alerts.find((alert) => alert.camera === id) ?? null}
                  coveredSince={covered.data?.items.find((alert) => alert.camera === id)?.since ?? null}
                />
              )
            })}
          </ListState>
        ) : (
          <p className="empty">{t('live.trouble.noRight')}</p>
        )}
      </section>
      <aside className="wall-side" aria-label={t('wall.alerts')}>
        <WallClock dataAt={Math.min(cameras.dataUpdatedAt, urgent.dataUpdatedAt)} />
        <WallAlerts query={urgent} alerts={alerts} />
        <Link className="wall-out" to="/cameras">
          {t('wall.leave')} <kbd>Esc</kbd>
        </Link>
      </aside>
    </div>
  )
}
