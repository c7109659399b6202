import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams } from 'react-router'
import { camerasQuery } from '../api/cameras.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { useListRead } from '../live/LiveProvider.tsx'
import { ListState } from '../parts/ListState.tsx'
import { useWide } from '../parts/use-media.ts'
import { usePageTitle } from '../parts/use-page-title.ts'
import { CameraList } from './CameraList.tsx'
import { CameraView } from './CameraView.tsx'
import { badFirst } from './order.ts'

/** The cameras, bad ones first, with one of them live beside the list. */
export function CamerasPage() {
  const { t } = useTranslation()
  usePageTitle(t('nav.live'))
  const { id } = useParams()
  const navigate = useNavigate()
  const wide = useWide()
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
  const step = (by: 1 | -1) => {
    const at = cameras.findIndex((each) => each.id === id)
    const next = cameras[at < 0 ? 0 : at + by]
    if (next) go(next.id)
  }
  useKeys('keys.groups.cameras', [
    { codes: ['KeyJ'], shown: 'j', words: 'keys.next', repeats: true, run: () => step(1) },
    { codes: ['KeyK'], shown: 'k', words: 'keys.previous', repeats: true, run: () => step(-1) },
    { codes: ['Escape'], shown: 'Esc', words: 'keys.back', enabled: id !== undefined, run: () => go(null) },
  ])

  const list = (
    <section className="feed" aria-label={t('nav.live')}>
      {camera ? null : <h1 className="sr-only">{t('nav.live')}</h1>}
      <ListState
        query={query}
        what={t('cameras.list')}
        empty={cameras.length === 0}
        emptyText={<p>{t('cameras.none')}</p>}
      >
        <CameraList cameras={cameras} open={id ?? null} />
      </ListState>
    </section>
  )
  const detail = camera ? (
    <CameraView key={camera.id} camera={camera} />
  ) : (
    <p className="empty pane-hint">{id && query.data ? t('cameras.unknown', { id }) : t('cameras.pick')}</p>
  )
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
