import type { KeyboardEvent } from 'react'
import type { Point } from '../../../../core/geometry.ts'
import { type KeyBinding, matchKey } from '../keys/match.ts'
import { canTravel, type EditorAction, type EditorState } from './editor.ts'
import { shapeOf } from './model.ts'

/** Shares of the picture: about two screen pixels, and ten times that with Shift. */
const STEP = 0.002
const ARROWS = [
  ['ArrowLeft', '←', -1, 0],
  ['ArrowRight', '→', 1, 0],
  ['ArrowUp', '↑', 0, -1],
  ['ArrowDown', '↓', 0, 1],
] as const

interface Wiring {
  readonly state: EditorState
  readonly dispatch: (action: EditorAction) => void
  /** Where the next point of a drawing goes. */
  readonly cursor: Point
  readonly moveCursor: (to: Point) => void
  readonly readOnly: boolean
  readonly onBack: () => void
}

/** The keys of the picture: one table for the help, the page, and the picture itself when single keys are off. */
export function canvasKeys({
  state,
  dispatch,
  cursor,
  moveCursor,
  readOnly,
  onBack,
}: Wiring): readonly KeyBinding[] {
  const { drawing, point, selected } = state
  const here = point === null ? null : (shapeOf(state.set, selected)?.points[point] ?? null)
  const idle = selected === null && !drawing
  const step = (by: number, dx: number, dy: number) => {
    if (drawing) moveCursor([clamp(cursor[0] + dx * by), clamp(cursor[1] + dy * by)])
    else if (here && point !== null)
      dispatch({ do: 'move', point, to: [here[0] + dx * by, here[1] + dy * by], run: `arrows ${point}` })
  }
  const leave: readonly KeyBinding[] = [
    {
      ...{ codes: ['Escape'], shown: 'Esc' },
      words: drawing ? 'ruleDesk.keys.stop' : idle ? 'ruleDesk.keys.back' : 'ruleDesk.keys.leave',
      run: () => (idle ? onBack() : dispatch({ do: 'leave' })),
    },
  ]
  if (readOnly) return leave
  return [
    {
      ...{ codes: ['KeyN'], shown: 'n', words: 'ruleDesk.keys.draw', enabled: !drawing },
      run: () => dispatch({ do: 'draw', kind: 'zone' }),
    },
    ...ARROWS.flatMap(([code, shown, dx, dy]) => {
      const common = { codes: [code] as const, repeats: true, enabled: drawing || here !== null }
      const words = drawing ? 'ruleDesk.keys.cursor' : 'ruleDesk.keys.move'
      return [
        { ...common, shown, words, run: () => step(STEP, dx, dy) },
        {
          ...common,
          shown: `Shift ${shown}`,
          words: 'ruleDesk.keys.far',
          shift: true,
          run: () => step(10 * STEP, dx, dy),
        },
      ]
    }),
    {
      ...{ codes: ['Space'], shown: 'Space', words: 'ruleDesk.keys.add', enabled: drawing },
      run: () => dispatch({ do: 'add', at: cursor }),
    },
    {
      ...{ codes: ['Enter'], shown: 'Enter', words: 'ruleDesk.keys.close', enabled: drawing },
      run: () => dispatch({ do: 'close' }),
    },
    {
      ...{ codes: ['Delete'], shown: 'Delete', words: 'ruleDesk.keys.remove', enabled: here !== null },
      run: () => point !== null && dispatch({ do: 'removePoint', point }),
    },
    {
      ...{ codes: ['KeyZ'], ctrl: true, shown: 'Ctrl+Z', words: 'ruleDesk.keys.undo', repeats: true },
      ...{ enabled: canTravel(state, 'back'), run: () => dispatch({ do: 'undo' }) },
    },
    {
      ...{ codes: ['KeyZ'], ctrl: true, shift: true, shown: 'Ctrl+Shift+Z', words: 'ruleDesk.keys.redo' },
      ...{ repeats: true, enabled: canTravel(state, 'ahead'), run: () => dispatch({ do: 'redo' }) },
    },
    ...leave,
  ]
}

const clamp = (v: number): number => Math.min(1, Math.max(0, Math.round(v * 1e4) / 1e4))

/** The picture answers its keys itself, so that they work with single keys switched off too. */
export function answerKey(event: KeyboardEvent, bindings: readonly KeyBinding[]): void {
  const { binding } = matchKey(
    bindings,
    {
      ...{
        code: event.code,
        shift: event.shiftKey,
        ctrl: event.ctrlKey,
        alt: event.altKey,
        meta: event.metaKey,
      },
      ...{ repeat: event.repeat, composing: event.nativeEvent.isComposing, editable: false, control: false },
    },
    null,
  )
  if (!binding) return
  event.preventDefault()
  binding.run()
}
