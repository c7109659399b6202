import { queryOptions } from '@tanstack/react-query'
import { get } from './http.ts'
import type { AlertItem, List } from './types.ts'

const MOST = 100

const open = (name: string, filter: Readonly<Record<string, string>>) =>
  queryOptions({
    queryKey: ['alerts', { open: name }],
    queryFn: async ({ signal }) => {
      const list = await get<List<AlertItem>>('/alerts', { state: 'firing', ...filter, limit: MOST }, signal)
      return { ...list, items: list.items.filter(({ verdict }) => verdict !== 'rejected') }
    },
  })

/** Alerts of severity 1 and 2 that are still seen and that nobody rejected, newest first, at most 100. */
export const urgentAlertsQuery = open('urgent', { severity: '1,2' })

/** Cameras that see nothing because something is before them, and since when. */
export const coveredAlertsQuery = open('covered', { type: 'camera_covered' })
