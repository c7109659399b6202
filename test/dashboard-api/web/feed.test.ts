import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EMPTY_FEED,
  type ListPages,
  neighbour,
  readFeed,
  successor,
  withChanged,
} from '../../../dashboard-api/web/src/alerts/feed.ts'
import {
  readSeverities,
  readView,
  toFilter,
  withParam,
} from '../../../dashboard-api/web/src/alerts/filter.ts'

const reading = (open: string) => ({ still: true, open })
const loose = { still: false, open: null }

describe('the feed', () => {
  it('takes everything in while nobody reads', () => {
    const feed = readFeed(EMPTY_FEED, ['b', 'a'], loose)
    expect(readFeed(feed, ['c', 'b', 'a'], loose)).toEqual({ shown: ['c', 'b', 'a'], held: [] })
  })

  it('lets new rows wait while a row is open', () => {
    const feed = readFeed(EMPTY_FEED, ['b', 'a'], loose)
    expect(readFeed(feed, ['d', 'c', 'b', 'a'], reading('b'))).toEqual({
      shown: ['b', 'a'],
      held: ['d', 'c'],
    })
  })

  it('adds older pages below at once', () => {
    const feed = readFeed(EMPTY_FEED, ['b', 'a'], loose)
    expect(readFeed(feed, ['c', 'b', 'a', 'z', 'y'], reading('a'))).toEqual({
      shown: ['b', 'a', 'z', 'y'],
      held: ['c'],
    })
  })

  it('keeps the open row where it stood when a verdict took it out of the filter, and lets it go afterwards', () => {
    const feed = readFeed(EMPTY_FEED, ['c', 'b', 'a'], loose)
    const judged = readFeed(feed, ['c', 'a'], reading('b'))
    expect(judged.shown).toEqual(['c', 'b', 'a'])
    expect(readFeed(judged, ['c', 'a'], reading('a')).shown).toEqual(['c', 'a'])
  })

  it('is the same object when nothing changed, so that nothing renders', () => {
    const feed = readFeed(EMPTY_FEED, ['b', 'a'], loose)
    expect(readFeed(feed, ['b', 'a'], reading('b'))).toBe(feed)
  })

  it('never moves what is above the open row, never shows a row twice, and loses none', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 0, max: 40 }).map(String), { minLength: 2, maxLength: 20 })
    const fresh = fc.uniqueArray(fc.integer({ min: 100, max: 130 }).map(String), { maxLength: 10 })
    fc.assert(
      fc.property(
        ids,
        fresh,
        fc.nat(),
        fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
        (old, news, pick, stay) => {
          const open = old[pick % old.length] as string
          const before = readFeed(EMPTY_FEED, old, loose)
          const listed = [...news, ...old.filter((id, index) => id === open || stay[index % stay.length])]
          const after = readFeed(before, listed, reading(open))
          const above = (shown: readonly string[]) => shown.slice(0, shown.indexOf(open))
          expect(above(after.shown).every((id) => above(before.shown).includes(id))).toBe(true)
          expect(new Set(after.shown).size).toBe(after.shown.length)
          expect([...after.shown, ...after.held].sort()).toEqual([...listed].sort())
        },
      ),
    )
  })
})

describe('the cursor', () => {
  it('goes to the neighbour and stays at the ends', () => {
    expect(neighbour(['c', 'b', 'a'], 'b', 1)).toBe('a')
    expect(neighbour(['c', 'b', 'a'], 'a', 1)).toBeNull()
    expect(neighbour(['c', 'b'], null, 1)).toBe('c')
    expect(neighbour([], null, -1)).toBeNull()
  })

  it('goes to the next row when its own has left, at the end to the one before', () => {
    expect(successor(['c', 'b', 'a'], ['c', 'a'], 'b')).toBe('a')
    expect(successor(['c', 'b', 'a'], ['c'], 'a')).toBe('c')
    expect(successor(['a'], [], 'a')).toBeNull()
  })
})

describe('a flood', () => {
  const below = (id: string) => ['b', 'a'].includes(id)
  it('pushes known rows out of the pages that were read: they stay where they are, and what is new waits', () => {
    const feed = { shown: ['b', 'a'], held: [] }
    expect(readFeed(feed, ['e', 'd', 'c'], { still: true, open: 'b', below })).toEqual({
      shown: ['b', 'a'],
      held: ['e', 'd', 'c'],
    })
    const half = readFeed({ shown: ['c', 'b', 'a'], held: [] }, ['d', 'c'], { still: true, open: 'c', below })
    expect(half).toEqual({ shown: ['c', 'b', 'a'], held: ['d'] })
  })

  it('lets a row go that is missing among what was read, and takes all in when nothing is held still', () => {
    const feed = { shown: ['c', 'b', 'a'], held: [] }
    expect(readFeed(feed, ['e', 'd'], { still: true, open: 'b', below }).shown).toEqual(['b', 'a'])
    expect(readFeed(feed, ['e', 'd'], { still: false, open: null, below }).shown).toEqual(['e', 'd'])
  })
})

describe('the filter in the URL', () => {
  it('is what waits for a verdict when the URL says nothing, or nonsense', () => {
    expect(toFilter(new URLSearchParams())).toEqual({
      state: null,
      verdict: 'none',
      severity: null,
      camera: null,
      type: null,
      muted: 'false',
    })
    expect(readView(new URLSearchParams('view=<script>'))).toBe('verify')
    expect(readSeverities(new URLSearchParams('severity=9,2,x'))).toEqual(['2'])
  })

  it('asks for state or verdict', () => {
    expect(toFilter(new URLSearchParams('view=firing&severity=2,1'))).toMatchObject({
      state: 'firing',
      severity: '1,2',
      verdict: null,
    })
    expect(toFilter(new URLSearchParams('view=muted'))).toMatchObject({ verdict: 'none', muted: 'true' })
    expect(toFilter(new URLSearchParams('view=rejected'))).toMatchObject({ state: null, verdict: 'rejected' })
  })

  it('leaves no trace of a default', () => {
    expect(withParam(new URLSearchParams('view=all&severity=1'), 'view', null).toString()).toBe('severity=1')
  })
})

describe('a verdict in the lists', () => {
  const page = (...ids: string[]) => ({
    items: ids.map((id) => ({ id, verdict: null })),
    next: null,
    asOf: '1',
  })
  const list = { pages: [page('d', 'c'), page('b', 'a')], pageParams: [null, 'b'] } as unknown as ListPages

  it('is in the row that is left, and in no other', () => {
    const after = withChanged(list, 'b', { verdict: 'confirmed' })
    const verdicts = after?.pages.flatMap(({ items }) => items.map(({ id, verdict }) => [id, verdict]))
    expect(verdicts).toEqual([
      ['d', null],
      ['c', null],
      ['b', 'confirmed'],
      ['a', null],
    ])
    expect(after?.pages[0]).toBe(list.pages[0])
  })

  it('leaves lists alone that do not hold the alert', () => {
    expect(withChanged(list, 'z', { verdict: 'confirmed' })).toBe(list)
    expect(withChanged(undefined, 'a', { verdict: 'confirmed' })).toBeUndefined()
  })
})
