import { ROLES } from '../../core/actor.ts'
import { baseMapShape, mapItemsShape } from '../../core/api/map.ts'
import type { RouteSpec } from '../http/route.ts'

/** The map: lines of the route table. */
export const mapRoutes = {
  baseMap: {
    method: 'get',
    path: '/api/map',
    summary: 'The base map of the city file, or why there is none',
    access: ROLES,
    answer: { kind: 'json', status: 200, schema: baseMapShape },
  },
  mapItems: {
    method: 'get',
    path: '/api/map/items',
    summary: 'Cameras, sensors, open alerts and open cases with their points in the datum of the base map',
    access: ROLES,
    answer: { kind: 'json', status: 200, schema: mapItemsShape },
  },
  mapTiles: {
    method: 'get',
    path: '/api/map/base.pmtiles',
    summary: 'The archive of the base map, with Range',
    access: ROLES,
    parts: true,
    answer: { kind: 'sent', media: 'application/vnd.pmtiles', what: 'the archive' },
    problems: ['not_found'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
