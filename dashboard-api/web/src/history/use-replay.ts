import { type RefObject, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { createPlayhead, type Playhead } from './playhead.ts'
import type { PaneHandle } from './ReplayPane.tsx'
import { holds, nextRecorded, type Span } from './view.ts'

/** How often what React shows follows the clock. */
const SHOWN_MS = 100

export interface Replay {
  readonly head: Playhead
  readonly handles: RefObject<Map<string, PaneHandle>>
  readonly redraw: RefObject<Set<() => void>>
  /** The moment, as React knows it; the bands and pictures are ahead of it by up to 0.1 s. */
  readonly at: number
  seek(at: number): void
  scrub(at: number): void
  toggle(): void
  /** One picture on or back, of the first camera that has one; the clock stands. */
  step(direction: 1 | -1): void
}

/** The clock of the page, and what follows it at every picture of the screen. `recorded`: of all cameras that are open. */
export function useReplay(start: number, recorded: ReadonlyMap<string, readonly Span[]>): Replay {
  const [head] = useState(() => createPlayhead(start, () => performance.now()))
  const handles = useRef(new Map<string, PaneHandle>())
  const redraw = useRef(new Set<() => void>())
  const [at, setAt] = useState(start)
  const known = useRef(recorded)
  known.current = recorded
  useSyncExternalStore(head.subscribe, () => `${head.playing} ${head.speed} ${head.turn}`)

  const seek = (to: number) => {
    head.seek(to)
    setAt(to)
    for (const handle of handles.current.values()) handle.seek(to)
  }
  const seekNow = useRef(seek)
  seekNow.current = seek

  useEffect(() => {
    let frame = 0
    let shown = 0
    const tick = () => {
      frame = requestAnimationFrame(tick)
      const all = [...handles.current]
      const hasPicture = ([id]: [string, PaneHandle]) => holds(known.current.get(id) ?? [], head.at())
      head.advance(all.some((one) => hasPicture(one) && one[1].waiting))
      if (head.playing && known.current.size > 0 && !all.some(hasPicture)) {
        const next = nextRecorded([...known.current.values()].flat(), head.at())
        if (next === null) head.pause()
        else seekNow.current(next)
      }
      for (const [, handle] of all) handle.follow(head.at(), head.speed, head.playing)
      for (const draw of redraw.current) draw()
      const now = performance.now()
      if (now - shown < SHOWN_MS) return
      shown = now
      setAt(head.at())
    }
    frame = requestAnimationFrame(tick)
    return () => cancelAnimationFrame(frame)
  }, [head])

  return {
    head,
    handles,
    redraw,
    at,
    seek,
    scrub(to) {
      head.pause()
      head.seek(to)
      for (const handle of handles.current.values()) handle.scrub(to)
    },
    toggle: () => (head.playing ? head.pause() : head.play()),
    step(direction) {
      head.pause()
      const shown = [...handles.current.values()].map((handle) => ({ handle, at: handle.shownAt() }))
      const first = shown.find((one) => one.at !== null)
      if (!first || first.at === null) return
      const next = first.handle.beside(first.at, direction)
      if (next !== null) seek(next)
    },
  }
}
