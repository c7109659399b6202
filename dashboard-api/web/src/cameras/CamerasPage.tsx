import { useQuery } from '@tanstack/react-query'
import { Button, Segmented } from 'antd'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate, useParams, useSearchParams } from 'react-router'
import { camerasQuery } from '../api/cameras.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { useListRead } from '../live/LiveProvider.tsx'
import { ListState } from '../parts/ListState.tsx'
import { useWide } from '../parts/use-media.ts'
import { usePageTitle } from '../parts/use-page-title.ts'
import { hasRole, useSession } from '../session/session.ts'
import { CameraGrid } from './CameraGrid.tsx'
import { CameraList } from './CameraList.tsx'
import { CameraView } from './CameraView.tsx'
import { badFirst } from './order.ts'

const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const

/** The cameras, bad ones first, with one of them live beside the list. */
export function CamerasPage() {
  const { t } = useTranslation()
  usePageTitle(t('nav.live'))
  const { id } = useParams()
  const navigate = useNavigate()
  const [params] = useSearchParams()
  const grid = params.get('view') === 'grid'
  const wide = useWide()
  const admin = hasRole(useSession(), 'admin')
  const query = useQuery(camerasQuery)
  const listRead = useListRead()
  const asOf = query.data?.asOf
  useEffect(() => {
    if (asOf !== undefined) listRead('cameras', asOf)
  }, [asOf, listRead])

  const cameras = badFirst(query.data?.items ?? [])
  const camera = cameras.find((each) => each.id === id) ?? null
  const go = (next: string | null) =>
    void navigate(next ? `/cameras/${encodeURIComponent(next)}` : '/cameras')
  const show = (next: 'list' | 'grid') => void navigate(next === 'grid' ? '/cameras?view=grid' : '/cameras')
  const step = (by: 1 | -1) => {
    const at = cameras.findIndex((each) => each.id === id)
    const next = cameras[at < 0 ? 0 : at + by]
    if (next) go(next.id)
  }
  useKeys('keys.groups.cameras', [
    { codes: ['KeyJ'], shown: 'j', words: 'keys.next', repeats: true, run: () => step(1) },
    { codes: ['KeyK'], shown: 'k', words: 'keys.previous', repeats: true, run: () => step(-1) },
    {
      codes: ['KeyW'],
      shown: 'w',
      words: 'wallKeys.open',
      run: () => void navigate('/wall'),
    },
    {
      codes: ['KeyV'],
      shown: 'v',
      words: 'wallKeys.grid',
      run: () => show(grid ? 'list' : 'grid'),
    },
    ...DIGITS.map((digit) => ({
      codes: [`Digit${digit}`] as const,
      shown: `${digit}`,
      words: 'wallKeys.openTile',
      enabled: grid && id === undefined && cameras[digit - 1] !== undefined,
      run: () => go(cameras[digit - 1]?.id ?? null),
    })),
    { codes: ['Escape'], shown: 'Esc', words: 'keys.back', enabled: id !== undefined, run: () => go(null) },
  ])

  const list = (
    <section className="feed" aria-label={t('nav.live')}>
      {camera ? null : <h1 className="sr-only">{t('nav.live')}</h1>}
      <div className="camera-tools">
        <Segmented
          value={grid ? 'grid' : 'list'}
          onChange={(next) => show(next === 'grid' ? 'grid' : 'list')}
          options={[
            { value: 'list', label: t('cameras.asList') },
            { value: 'grid', label: t('cameras.asGrid') },
          ]}
        />
        <Link to="/wall">{t('wall.open')}</Link>
        {admin ? <Link to="/cameras/manage">{t('cameraAdmin.open')}</Link> : null}
      </div>
      <ListState
        query={query}
        what={t('cameras.list')}
        empty={cameras.length === 0}
        emptyText={<p>{t('cameras.none')}</p>}
      >
        {grid && !id ? <CameraGrid cameras={cameras} /> : <CameraList cameras={cameras} open={id ?? null} />}
      </ListState>
    </section>
  )
  const detail = camera ? (
    <CameraView key={camera.id} camera={camera} />
  ) : id ? (
    <ListState
      query={query}
      what={t('cameras.list')}
      empty
      emptyText={<p className="pane-hint">{t('cameras.unknown', { id })}</p>}
    >
      {null}
    </ListState>
  ) : (
    <p className="empty pane-hint">{t('cameras.pick')}</p>
  )
  if (grid && !id) return <div className="single">{list}</div>
  if (wide) {
    return (
      <div className="split">
        {list}
        {detail}
      </div>
    )
  }
  return (
    <div className="single">
      {id ? (
        <>
          <Button type="link" className="back" onClick={() => go(null)}>
            ‹ {t('cameras.backToList')}
          </Button>
          {detail}
        </>
      ) : (
        list
      )}
    </div>
  )
}
