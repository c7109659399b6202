import type { MapItem } from '../api/map.ts'

/** What stands at one point: a camera with its alerts and cases, the sensors beside it. */
export interface Site {
  /** Of its first item, for example `camera:works-chimney`; stays while the item does. */
  readonly key: string
  readonly point: readonly [lon: number, lat: number]
  /** The gravest first. */
  readonly items: readonly [MapItem, ...MapItem[]]
  /** Of its gravest item. */
  readonly rank: number
}

/** Marks of the map, the gravest first; a mark's place in this list is its rank. */
export const MARKS = [
  'alert1',
  'case1',
  'alert2',
  'case2',
  'alert3',
  'case3',
  'alert4',
  'case4',
  'badCamera',
  'badSensor',
  'camera',
  'sensor',
] as const
export type Mark = (typeof MARKS)[number]

export const itemKey = ({ kind, id }: Pick<MapItem, 'kind' | 'id'>): string => `${kind}:${id}`

export function markOf({ kind, severity, bad }: Pick<MapItem, 'kind' | 'severity' | 'bad'>): Mark {
  if (kind === 'alert' || kind === 'case') return `${kind}${severity ?? 4}`
  if (kind === 'camera') return bad ? 'badCamera' : 'camera'
  return bad ? 'badSensor' : 'sensor'
}

export const rankOf = (item: Pick<MapItem, 'kind' | 'severity' | 'bad'>): number =>
  MARKS.indexOf(markOf(item))

/** Of one grave as another the longest open first. */
const byRank = (a: MapItem, b: MapItem): number =>
  rankOf(a) - rankOf(b) || (a.at ?? '').localeCompare(b.at ?? '') || (itemKey(a) < itemKey(b) ? -1 : 1)

/**
 * Items by their points, the gravest site first; `nowhere` are those without a point. Points within a metre are one
 * site: the alerts of a camera carry its point.
 */
export function sitesOf(items: readonly MapItem[]): {
  readonly sites: readonly Site[]
  readonly nowhere: readonly MapItem[]
} {
  const sorted = items.toSorted(byRank)
  const groups = new Map<string, [MapItem, ...MapItem[]]>()
  const nowhere: MapItem[] = []
  for (const item of sorted) {
    if (!item.point) {
      nowhere.push(item)
      continue
    }
    const at = item.point.map((degrees) => degrees.toFixed(5)).join()
    const group = groups.get(at)
    if (group) group.push(item)
    else groups.set(at, [item])
  }
  // Groups are in the order of their first, which is their gravest item.
  const sites = [...groups.values()].map((group): Site => {
    const [first] = group
    return { key: itemKey(first), point: first.point as [number, number], items: group, rank: rankOf(first) }
  })
  return { sites, nowhere }
}

/** West, south, east, north around all points; null: there are none. */
export function boundsOf(
  sites: readonly Pick<Site, 'point'>[],
): readonly [number, number, number, number] | null {
  const [first] = sites
  if (!first) return null
  let [west, south] = first.point
  let [east, north] = first.point
  for (const { point } of sites) {
    west = Math.min(west, point[0])
    east = Math.max(east, point[0])
    south = Math.min(south, point[1])
    north = Math.max(north, point[1])
  }
  return [west, south, east, north]
}
