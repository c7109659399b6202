import type { InfiniteData } from '@tanstack/react-query'
import type { AlertItem, List } from '../api/types.ts'

/** The rows of the feed as they are held still for the person reading them. */
export interface Feed {
  /** Ids on screen, in their order. */
  readonly shown: readonly string[]
  /** Ids that came since and wait behind "3 new alerts", in their order. */
  readonly held: readonly string[]
}

export const EMPTY_FEED: Feed = { shown: [], held: [] }

interface Hold {
  /** Somebody has a row open or has scrolled: nothing may move under the eyes. */
  readonly still: boolean
  /** The open row stays where it is, also when a verdict has taken it out of the filter. */
  readonly open: string | null
  /** Whether a row that is missing lies below the pages that were read, pushed there by newer ones, and is not gone. */
  readonly below?: (id: string) => boolean
}

/**
 * Takes a fresh reading of the list. Rows that are gone leave, older pages are added below; while `still`, rows that
 * are new above what is shown wait.
 */
export function readFeed(feed: Feed, listed: readonly string[], { still, open, below }: Hold): Feed {
  const known = new Set(feed.shown)
  const last = listed.findLastIndex((id) => known.has(id))
  const present = new Set(listed)
  const pushed = feed.shown.filter((id) => !present.has(id) && (below?.(id) ?? false))
  // Without one known row left there is nothing to hold still.
  if (!still || (last < 0 && pushed.length === 0))
    return same(feed, { shown: keepOpen(feed.shown, listed, open), held: [] })
  // A flood has pushed every known row out of the pages that were read: all that is in them is new.
  if (last < 0)
    return same(feed, { shown: feed.shown.filter((id) => id === open || pushed.includes(id)), held: listed })
  const under = new Set(pushed)
  const remaining = feed.shown.filter((id) => present.has(id) || (id === open && !under.has(id)))
  const held = listed.slice(0, last).filter((id) => !known.has(id))
  return same(feed, { shown: [...remaining, ...listed.slice(last + 1), ...pushed], held })
}

/** The open row is put back behind the row it stood behind. */
function keepOpen(
  before: readonly string[],
  listed: readonly string[],
  open: string | null,
): readonly string[] {
  if (open === null || listed.includes(open) || !before.includes(open)) return listed
  const present = new Set(listed)
  const above = before.slice(0, before.indexOf(open)).findLast((id) => present.has(id))
  const at = above === undefined ? 0 : listed.indexOf(above) + 1
  return [...listed.slice(0, at), open, ...listed.slice(at)]
}

function same(before: Feed, after: Feed): Feed {
  const equal = (a: readonly string[], b: readonly string[]) =>
    a.length === b.length && a.every((id, i) => id === b[i])
  return equal(before.shown, after.shown) && equal(before.held, after.held) ? before : after
}

/** The row to go to from `id` by `step`; from nowhere the first. Null: there is none. */
export function neighbour(shown: readonly string[], id: string | null, step: 1 | -1): string | null {
  const at = id === null ? -1 : shown.indexOf(id)
  if (at < 0) return shown[0] ?? null
  return shown[at + step] ?? null
}

/** Where the cursor goes when the row `id` has left: to the one that moved into its place, else the one before. */
export function successor(before: readonly string[], after: readonly string[], id: string): string | null {
  const at = before.indexOf(id)
  const remains = new Set(after)
  const next = before.slice(at + 1).find((each) => remains.has(each))
  if (next !== undefined) return next
  return before.slice(0, Math.max(0, at)).findLast((each) => remains.has(each)) ?? null
}

export type ListPages = InfiniteData<List<AlertItem>, string | null>

/** The list with one alert changed; itself where it does not hold it. */
export function withChanged(
  list: ListPages | undefined,
  id: string,
  change: Partial<AlertItem>,
): ListPages | undefined {
  const holds = (page: List<AlertItem>) => page.items.some((item) => item.id === id)
  if (!list?.pages.some(holds)) return list
  const changed = (item: AlertItem) => (item.id === id ? { ...item, ...change } : item)
  return {
    ...list,
    pages: list.pages.map((page) => (holds(page) ? { ...page, items: page.items.map(changed) } : page)),
  }
}
