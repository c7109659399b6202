import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useEffect, useReducer, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { AlertGroup } from '../../../../core/api/desk.ts'
import { AlertList } from '../alerts/AlertList.tsx'
import { EMPTY_FEED, neighbour, readFeed } from '../alerts/feed.ts'
import { groupsQuery } from '../api/desk.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { useListRead } from '../live/LiveProvider.tsx'
import { ListState } from '../parts/ListState.tsx'
import { GroupRow } from './GroupRow.tsx'

const NO_ROWS = () => undefined

/** In a flood: a row for each place and type. Nothing is hidden: every alert is counted in its row. */
export function GroupFeed() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const query = useQuery(groupsQuery)
  const listRead = useListRead()
  const [cursor, setCursor] = useState<string | null>(null)
  const [scrolled, setScrolled] = useState(false)
  const [, render] = useReducer((n: number) => n + 1, 0)
  const memory = useRef(EMPTY_FEED)
  const items = query.data?.items ?? []
  const byId = new Map(items.map((group) => [group.id, group]))
  const listed = items.map(({ id }) => id)
  const asOf = query.data?.asOf
  useEffect(() => {
    if (asOf !== undefined) listRead('groups', asOf)
  }, [asOf, listRead])

  const still = scrolled || cursor !== null
  // A group that was judged to its end leaves: nothing is kept open of it.
  memory.current = readFeed(memory.current, listed, { still, open: null })
  const { shown, held } = memory.current
  const takeIn = () => {
    memory.current = readFeed(memory.current, listed, { still: false, open: null })
    render()
  }
  const open = (id: string) => {
    const group = byId.get(id)
    if (group) void navigate(groupUrl(group))
  }
  const step = (by: 1 | -1) => {
    const next = neighbour(shown, cursor, by)
    if (next) setCursor(next)
  }
  useKeys('keys.groups.feed', [
    { codes: ['KeyJ'], shown: 'j', words: 'keys.next', repeats: true, run: () => step(1) },
    { codes: ['ArrowDown'], shown: '↓', words: 'keys.next', repeats: true, run: () => step(1) },
    { codes: ['KeyK'], shown: 'k', words: 'keys.previous', repeats: true, run: () => step(-1) },
    { codes: ['ArrowUp'], shown: '↑', words: 'keys.previous', repeats: true, run: () => step(-1) },
    {
      codes: ['Enter'],
      shown: 'Enter',
      words: 'keys.openGroup',
      enabled: shown.length > 0,
      run: () => open(cursor ?? shown[0] ?? ''),
    },
    { codes: ['KeyN'], shown: 'n', words: 'keys.takeIn', enabled: held.length > 0, run: takeIn },
  ])
  return (
    <>
      {held.length > 0 ? (
        <Button type="primary" className="feed-held" onClick={takeIn}>
          {t('groups.held', { n: held.length })} <kbd>n</kbd>
        </Button>
      ) : null}
      <ListState
        query={query}
        what={t('nav.alerts')}
        empty={shown.length === 0}
        emptyText={<p>{t('alerts.none')}</p>}
      >
        <p className="caption feed-note">
          {t('groups.counted', { groups: query.data?.groups ?? 0, alerts: query.data?.alerts ?? 0 })}
        </p>
        <AlertList
          shown={shown}
          open={cursor}
          render={(id) => {
            const group = byId.get(id)
            return group ? { done: false, row: <GroupRow group={group} /> } : null
          }}
          onOpen={open}
          onScrolled={setScrolled}
          onEnd={NO_ROWS}
        />
      </ListState>
    </>
  )
}

/** The alerts of a group are the feed of its camera and type. */
const groupUrl = ({ newest }: AlertGroup): string =>
  `/alerts?camera=${encodeURIComponent(newest.camera)}&type=${encodeURIComponent(newest.type)}`
