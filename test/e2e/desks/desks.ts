import type { Matters } from './desk-city.ts'

/** One page as somebody works at it. */
export interface Desk {
  readonly name: string
  readonly who: string | null
  readonly path: (matters: Matters) => string
  /** Whether it is about one thing, which is not there when the city is empty. */
  readonly one?: boolean
}

const at = (path: string) => () => path

export const DESKS: readonly Desk[] = [
  { name: 'log-in', who: null, path: at('/login') },
  { name: 'alerts', who: 'operator', path: at('/alerts') },
  { name: 'one alert', who: 'operator', path: ({ alert }) => `/alerts/${alert}`, one: true },
  { name: 'wall', who: 'operator', path: at('/wall') },
  { name: 'cameras', who: 'operator', path: at('/cameras') },
  { name: 'one camera', who: 'operator', path: at('/cameras/works-chimney') },
  { name: 'camera grid', who: 'operator', path: at('/cameras?view=grid') },
  { name: 'cases', who: 'operator', path: at('/cases') },
  { name: 'one case', who: 'operator', path: ({ no }) => `/cases/${no}`, one: true },
  { name: 'one case of mine', who: 'officer', path: ({ no }) => `/cases/${no}`, one: true },
  { name: 'replay of a case', who: 'investigator', path: ({ no }) => `/cases/${no}/replay`, one: true },
  { name: 'department', who: 'officer', path: at('/department') },
  { name: 'zones and rules', who: 'admin', path: at('/cameras/works-chimney/rules') },
  { name: 'zones and rules, to read', who: 'operator', path: at('/cameras/works-chimney/rules') },
  { name: 'new camera', who: 'admin', path: at('/cameras/new') },
  { name: 'import of cameras', who: 'admin', path: at('/cameras/import') },
  { name: 'management of cameras', who: 'admin', path: at('/cameras/manage') },
  { name: 'sessions', who: 'admin', path: at('/sessions') },
  { name: 'administration', who: 'admin', path: at('/admin?tab=users') },
  { name: 'routes', who: 'admin', path: at('/admin?tab=routes') },
  {
    name: 'originals',
    who: 'investigator',
    path: ({ alert }) => `/originals?alert=${alert}`,
    one: true,
  },
  { name: 'holds', who: 'investigator', path: at('/holds') },
  { name: 'filing', who: 'operator', path: at('/file') },
  { name: 'history', who: 'investigator', path: at('/history?cameras=works-chimney') },
  { name: 'map', who: 'operator', path: at('/map') },
  { name: 'statistics', who: 'operator', path: at('/statistics') },
  { name: 'health', who: 'operator', path: at('/health') },
  { name: 'audit', who: 'auditor', path: at('/audit') },
  { name: 'desk of a verifier', who: 'verifier', path: at('/department') },
  { name: 'field', who: 'officer', path: at('/field') },
  { name: 'field task', who: 'officer', path: ({ no }) => `/field/${no}`, one: true },
  { name: 'no such page', who: 'operator', path: at('/nowhere') },
]
