import type { Dispatch, SetStateAction } from 'react'
import { useKeys } from '../keys/KeysProvider.tsx'
import type { Replay } from './use-replay.ts'
import { eventBeside, type Span, zoomed } from './view.ts'

type Range = { from: number | null; to: number | null }

export function useReplayKeys(deps: {
  readonly replay: Replay
  readonly seek: (at: number) => void
  readonly view: Span
  readonly setView: (view: Span) => void
  readonly day: Span
  readonly recorded: readonly Span[]
  readonly events: readonly number[]
  readonly setRange: Dispatch<SetStateAction<Range>>
}): void {
  const { replay, seek, view, setView, day, recorded, events, setRange } = deps
  const at = () => replay.head.at()
  const by = (ms: number) => () => seek(at() + ms)
  const zoom = (factor: number) => () => setView(zoomed(view, factor, at(), day))
  const event = (direction: 1 | -1) => () => {
    const found = eventBeside(events, at(), direction)
    if (found !== null) seek(found)
  }
  const edge = (which: 'first' | 'last') => () => {
    const times = recorded.flatMap(({ from, to }) => [from, to])
    if (times.length > 0) seek(which === 'first' ? Math.min(...times) : Math.max(...times))
  }
  useKeys('keys.groups.history', [
    { codes: ['Space'], shown: 'Space', words: 'keys.play', run: replay.toggle },
    { codes: ['ArrowLeft'], shown: '←', words: 'keys.back10', repeats: true, run: by(-10_000) },
    { codes: ['ArrowRight'], shown: '→', words: 'keys.on10', repeats: true, run: by(10_000) },
    { codes: ['ArrowDown'], shown: '↓', words: 'keys.back1', repeats: true, run: by(-1_000) },
    { codes: ['ArrowUp'], shown: '↑', words: 'keys.on1', repeats: true, run: by(1_000) },
    { codes: ['Comma'], shown: ',', words: 'keys.frameBack', repeats: true, run: () => replay.step(-1) },
    { codes: ['Period'], shown: '.', words: 'keys.frameOn', repeats: true, run: () => replay.step(1) },
    { codes: ['ArrowLeft'], shift: true, shown: 'Shift ←', words: 'keys.eventBefore', run: event(-1) },
    { codes: ['ArrowRight'], shift: true, shown: 'Shift →', words: 'keys.eventAfter', run: event(1) },
    {
      codes: ['KeyI'],
      shown: 'i',
      words: 'keys.rangeFrom',
      run: () => setRange((old) => ({ ...old, from: at() })),
    },
    {
      codes: ['KeyO'],
      shown: 'o',
      words: 'keys.rangeTo',
      run: () => setRange((old) => ({ ...old, to: at() })),
    },
    { codes: ['Home'], shown: 'Home', words: 'keys.firstRecorded', run: edge('first') },
    { codes: ['End'], shown: 'End', words: 'keys.lastRecorded', run: edge('last') },
    { codes: ['Equal'], shown: '=', words: 'keys.nearer', repeats: true, run: zoom(0.6) },
    { codes: ['Minus'], shown: '-', words: 'keys.wider', repeats: true, run: zoom(1.7) },
    { codes: ['NumpadAdd'], shown: '+', words: 'keys.nearer', repeats: true, run: zoom(0.6) },
    { codes: ['NumpadSubtract'], shown: 'Num -', words: 'keys.wider', repeats: true, run: zoom(1.7) },
  ])
}
