import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useReducer, useRef } from 'react'
import { type AlertFilter, alertQuery, alertsQuery } from '../api/alerts.ts'
import type { AlertItem } from '../api/types.ts'
import { useListRead } from '../live/LiveProvider.tsx'
import { EMPTY_FEED, type Feed, readFeed } from './feed.ts'

/**
 * The feed of one filter, held still while a row is open or the list is scrolled.
 * `takeIn` lets the waiting rows in.
 */
export function useFeed(filter: AlertFilter, open: string | null, scrolled: boolean) {
  const query = useInfiniteQuery(alertsQuery(filter))
  const client = useQueryClient()
  const listRead = useListRead()
  const [, render] = useReducer((n: number) => n + 1, 0)
  const key = JSON.stringify(filter)
  const memory = useRef<{ key: string; feed: Feed; rows: Map<string, AlertItem> }>({
    key,
    feed: EMPTY_FEED,
    rows: new Map(),
  })
  if (memory.current.key !== key) memory.current = { key, feed: EMPTY_FEED, rows: new Map() }

  const pages = query.data?.pages
  const asOf = pages?.[0]?.asOf
  useEffect(() => {
    if (asOf !== undefined) listRead('alerts', asOf)
  }, [asOf, listRead])

  // Pages shift while they are read one after the other, so a row may be in two of them.
  const listed = useMemo(
    () => [...new Set((pages ?? []).flatMap((page) => page.items.map((item) => item.id)))],
    [pages],
  )
  const { rows } = memory.current
  for (const page of pages ?? []) for (const item of page.items) rows.set(item.id, item)

  const oldest = rows.get(listed.at(-1) ?? '')?.openedAt
  const below = (id: string): boolean => {
    const row = rows.get(id)
    if (!row || oldest === undefined || !query.hasNextPage || row.openedAt > oldest) return false
    // Judged here meanwhile: it has left, although the pages do not reach down to it.
    return filter.verdict !== 'none' || !client.getQueryData(alertQuery(id).queryKey)?.verdict
  }

  memory.current.feed = pages
    ? readFeed(memory.current.feed, listed, { still: open !== null || scrolled, open, below })
    : EMPTY_FEED
  const { shown, held } = memory.current.feed

  return {
    query,
    shown,
    held,
    row: (id: string): AlertItem | undefined => rows.get(id),
    takeIn: () => {
      memory.current.feed = readFeed(memory.current.feed, listed, { still: false, open })
      render()
    },
  }
}
