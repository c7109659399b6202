import type { Role } from '../../../../core/actor.ts'

/** The pages of the app, in the order of the bar. `roles` as the server's routes have them. */
export const PLACES = [
  { path: '/alerts', words: 'nav.alerts', key: 'KeyA', roles: null },
  {
    path: '/cameras',
    words: 'nav.live',
    key: 'KeyL',
    roles: ['operator', 'officer', 'verifier', 'investigator', 'admin'],
  },
  { path: '/map', words: 'map.title', key: 'KeyP', roles: null },
  {
    path: '/history',
    words: 'nav.history',
    key: 'KeyH',
    roles: ['operator', 'officer', 'verifier', 'investigator'],
  },
  {
    path: '/cases',
    words: 'nav.cases',
    key: 'KeyC',
    roles: ['operator', 'officer', 'verifier', 'investigator', 'auditor'],
  },
  {
    path: '/department',
    words: 'nav.department',
    key: 'KeyD',
    roles: ['operator', 'officer', 'verifier', 'investigator', 'auditor'],
  },
  {
    path: '/statistics',
    words: 'statistics.title',
    key: 'KeyS',
    roles: ['operator', 'officer', 'investigator', 'auditor'],
  },
  { path: '/health', words: 'healthDesk.title', key: 'KeyV', roles: null },
  { path: '/audit', words: 'audit.title', key: 'KeyU', roles: ['auditor'] },
  { path: '/admin', words: 'admin.title', key: 'KeyN', roles: ['admin'] },
  { path: '/field', words: 'nav.field', key: 'KeyF', roles: ['officer', 'verifier'] },
] as const satisfies readonly {
  readonly path: string
  readonly words: string
  readonly key: string
  readonly roles: readonly Role[] | null
}[]

export const placesFor = (roles: readonly Role[]) =>
  PLACES.filter((place) => place.roles === null || place.roles.some((role) => roles.includes(role)))
