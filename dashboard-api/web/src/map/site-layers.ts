import type { LayerSpecification, SourceSpecification } from 'maplibre-gl'
import type { Site } from '../../../../core/map/sites.ts'

/** Sources and layers of what stands on the base map. */
export const SITES = 'sites'
export const CHOSEN = 'chosen'

const NOTHING = { type: 'FeatureCollection' as const, features: [] }

const point = (site: Site, properties: Readonly<Record<string, unknown>>) => ({
  type: 'Feature' as const,
  geometry: { type: 'Point' as const, coordinates: [...site.point] },
  properties,
})

export const features = (sites: readonly Site[]) => ({
  type: 'FeatureCollection' as const,
  features: sites.map((site) => point(site, { key: site.key, rank: site.rank, count: site.items.length })),
})

export const chosenFeature = (site: Site | null) =>
  site ? { type: 'FeatureCollection' as const, features: [point(site, {})] } : NOTHING

export const siteSources: Readonly<Record<string, SourceSpecification>> = {
  [SITES]: {
    type: 'geojson',
    data: NOTHING,
    cluster: true,
    clusterRadius: 34,
    clusterMaxZoom: 16,
    // A cluster looks as the gravest of it, and counts everything.
    clusterProperties: { rank: ['min', ['get', 'rank']], count: ['+', ['get', 'count']] },
  },
  [CHOSEN]: { type: 'geojson', data: NOTHING },
}

const COUNT = [
  'case',
  ['>', ['get', 'count'], 99],
  '99+',
  ['>', ['get', 'count'], 1],
  ['to-string', ['get', 'count']],
  '',
]

export const siteLayers = (ring: string): readonly LayerSpecification[] => [
  {
    ...{ id: CHOSEN, type: 'circle', source: CHOSEN },
    paint: {
      'circle-radius': 21,
      'circle-opacity': 0,
      'circle-color': ring,
      'circle-stroke-color': ring,
      'circle-stroke-width': 3,
    },
  },
  {
    ...{ id: SITES, type: 'symbol', source: SITES },
    layout: {
      'icon-image': ['concat', 'mark ', ['to-string', ['get', 'rank']], ' ', COUNT] as never,
      'icon-allow-overlap': true,
      'icon-ignore-placement': true,
      // The gravest last, on top.
      'symbol-sort-key': ['-', 0, ['get', 'rank']],
    },
  },
]
