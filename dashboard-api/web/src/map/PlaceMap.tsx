import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { MapItem } from '../../../../core/api/map.ts'
import { pointIn } from '../../../../core/datum.ts'
import { sitesOf } from '../../../../core/map/sites.ts'
import { baseMapQuery } from '../api/map.ts'
import type { PlaceItem } from '../api/types.ts'
import { LoadingShape } from '../parts/ListState.tsx'
import { useStoredChoice } from '../parts/stored.ts'
import { hasWebGl } from './webgl.ts'

const MapCanvas = lazy(() => import('./MapCanvas.tsx'))
const OPEN = ['open', 'closed'] as const

interface Props {
  readonly place: PlaceItem
  readonly item: Pick<MapItem, 'kind' | 'id' | 'severity'>
}

/** Where an alert or case is: the way to the map, and a small one here where the site has a base map. */
export function PlaceMap({ place, item }: Props) {
  const { t } = useTranslation()
  const { data: base } = useQuery(baseMapQuery)
  // Closed until it is wanted: a map takes longer to draw than a verdict may.
  const [open, setOpen] = useStoredChoice('place-map', OPEN, 'closed')
  const { lon, lat, datum } = place
  const { kind, id, severity } = item
  const site = useMemo(() => {
    const at = base && pointIn({ lon, lat, datum }, base.datum)
    if (!at) return null
    const facts = { name: null, type: null, state: '', bad: true, at: null, address: null }
    return sitesOf([{ kind, id, severity, ...facts, point: [at.lon, at.lat] }]).sites[0] ?? null
  }, [base, lon, lat, datum, kind, id, severity])
  const sites = useMemo(() => (site ? [site] : []), [site])
  if (lon === undefined || lat === undefined) return null
  return (
    <div className="place-map">
      <Link to={`/map?show=${kind}:${id}`}>{t('map.show')}</Link>
      {base?.base.state === 'ready' && site && hasWebGl() ? (
        <details
          open={open === 'open'}
          onToggle={({ currentTarget }) => setOpen(currentTarget.open ? 'open' : 'closed')}
        >
          <summary>{t('map.small')}</summary>
          {open === 'open' ? (
            <Suspense fallback={<LoadingShape />}>
              <MapCanvas base={base} sites={sites} chosen={site} small />
            </Suspense>
          ) : null}
        </details>
      ) : null}
    </div>
  )
}
