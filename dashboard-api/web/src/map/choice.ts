import type { MAP_KINDS, MapItem } from '../../../../core/api/map.ts'
import { itemKey, type Site } from '../../../../core/map/sites.ts'

type Kind = (typeof MAP_KINDS)[number]
export const KINDS: readonly Kind[] = ['alert', 'case', 'camera', 'sensor']

/** What of the map is shown; lives in the address of the page. */
export interface MapChoice {
  readonly hidden: readonly Kind[]
  readonly onlyBad: boolean
  /** Key of an item, for example `alert:…`; null: nothing is chosen. */
  readonly show: string | null
}

export function readChoice(params: URLSearchParams): MapChoice {
  const hidden = (params.get('hide') ?? '').split(',')
  return {
    hidden: KINDS.filter((kind) => hidden.includes(kind)),
    onlyBad: params.get('bad') === '1',
    show: params.get('show'),
  }
}

export function writeChoice({ hidden, onlyBad, show }: MapChoice): string {
  const params = new URLSearchParams()
  if (hidden.length > 0) params.set('hide', hidden.join())
  if (onlyBad) params.set('bad', '1')
  if (show) params.set('show', show)
  return params.toString()
}

export const shownItems = (items: readonly MapItem[], { hidden, onlyBad }: MapChoice): readonly MapItem[] =>
  items.filter(({ kind, bad }) => !hidden.includes(kind) && (bad || !onlyBad))

/** The site that holds the item; it need not be its gravest. */
export const siteOf = (sites: readonly Site[], show: string | null): Site | null =>
  sites.find(({ items }) => items.some((item) => itemKey(item) === show)) ?? null

export const within = ({ point: [lon, lat] }: Site, [west, south, east, north]: readonly number[]): boolean =>
  lon >= (west ?? 0) && lon <= (east ?? 0) && lat >= (south ?? 0) && lat <= (north ?? 0)
