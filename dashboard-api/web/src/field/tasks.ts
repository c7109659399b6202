import { get } from '../api/http.ts'
import type { CaseItem, List } from '../api/types.ts'
import type { WorkKind } from './store/types.ts'

/** The step of a case that is done in the field; null: none is. */
export function kindOfTask(item: Pick<CaseItem, 'state'>): WorkKind | null {
  if (item.state === 'pending_accept') return 'accept'
  if (item.state === 'handling') return 'report'
  return item.state === 'pending_check' ? 'verify' : null
}

const MAX_PAGES = 10

/** Everything that waits for a move of the asker: sorting by time left is only true over all of it. */
export async function readTasks(signal: AbortSignal): Promise<readonly CaseItem[]> {
  const items: CaseItem[] = []
  let cursor: string | null = null
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const list: List<CaseItem> = await get<List<CaseItem>>(
      '/cases',
      { mine: 'true', limit: 100, cursor },
      signal,
    )
    items.push(...list.items)
    cursor = list.next
    if (cursor === null) break
  }
  return items.filter((item) => kindOfTask(item) !== null)
}
