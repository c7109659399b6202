import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useLayoutEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'

const ROW_HEIGHT = 84

interface Props {
  readonly shown: readonly string[]
  /** The row of an id; `done`: judged. Null: it is not known (yet). */
  readonly render: (id: string) => { readonly done: boolean; readonly row: ReactNode } | null
  readonly open: string | null
  readonly onOpen: (id: string) => void
  readonly onScrolled: (scrolled: boolean) => void
  /** The end of the loaded rows came into sight. */
  readonly onEnd: () => void
}

/** The focus is on the list, not on a row: a row may leave the screen, and the focus must not die with it. */
export function AlertList({ shown, render, open, onOpen, onScrolled, onEnd }: Props) {
  const { t } = useTranslation()
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
    getItemKey: (index) => shown[index] ?? index,
  })
  const rows = virtual.getVirtualItems()
  const lastIndex = rows.at(-1)?.index ?? -1

  const openIndex = open === null ? -1 : shown.indexOf(open)
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when another row is opened, not when rows move
  useEffect(() => {
    if (openIndex >= 0) virtual.scrollToIndex(openIndex, { align: 'auto' })
  }, [open, openIndex >= 0])

  // Rows that leave above the open one must not take it out of sight: it stays where it is on screen.
  const stood = useRef({ open, index: openIndex })
  useLayoutEffect(() => {
    const before = stood.current
    stood.current = { open, index: openIndex }
    if (open === null || before.open !== open || before.index < 0 || openIndex < 0 || !scroller.current)
      return
    scroller.current.scrollTop += (openIndex - before.index) * ROW_HEIGHT
  }, [open, openIndex])

  useEffect(() => {
    if (shown.length > 0 && lastIndex >= shown.length - 10) onEnd()
  }, [lastIndex, shown.length, onEnd])

  return (
    <div
      ref={scroller}
      className="feed-list"
      role="listbox"
      tabIndex={0}
      aria-label={t('alerts.list')}
      aria-activedescendant={openIndex >= 0 ? `alert-${open}` : undefined}
      onScroll={(event) => onScrolled(event.currentTarget.scrollTop > ROW_HEIGHT / 2)}
    >
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {rows.map(({ index, start }) => {
          const id = shown[index]
          const row = id === undefined ? null : render(id)
          if (!row || id === undefined) return null
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys are those of the page (j, k, Enter), bound in one table
            <div
              key={id}
              id={`alert-${id}`}
              role="option"
              tabIndex={-1}
              aria-selected={id === open}
              aria-setsize={shown.length}
              aria-posinset={index + 1}
              className="feed-row"
              data-done={row.done || undefined}
              style={{ transform: `translateY(${start}px)`, height: ROW_HEIGHT }}
              onClick={() => onOpen(id)}
            >
              {row.row}
            </div>
          )
        })}
      </div>
    </div>
  )
}
