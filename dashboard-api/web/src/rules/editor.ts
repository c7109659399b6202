import type { Point, Polygon } from '../../../../core/geometry.ts'
import {
  type RuleSet,
  roundPoint,
  type Shape,
  type ShapeKey,
  shapeOf,
  withoutShape,
  withPoints,
  withShape,
  withZoneName,
} from './model.ts'

interface Step {
  readonly points: Polygon
  readonly point: number | null
}

interface Past {
  readonly back: readonly Step[]
  readonly ahead: readonly Step[]
}

export interface EditorState {
  readonly set: RuleSet
  readonly selected: ShapeKey | null
  /** Index of the chosen point of the chosen shape. */
  readonly point: number | null
  /** The chosen shape is being drawn: each click is a further point. */
  readonly drawing: boolean
  /** Undo stays within its shape. */
  readonly past: Readonly<Record<ShapeKey, Past>>
  /** One run of moves of one point is one step back. */
  readonly run: string | null
}

export type EditorAction =
  | { readonly do: 'load'; readonly set: RuleSet }
  | { readonly do: 'change'; readonly change: (set: RuleSet) => RuleSet }
  | { readonly do: 'select'; readonly key: ShapeKey | null; readonly point?: number | null }
  | { readonly do: 'draw'; readonly kind: Shape['kind'] }
  | { readonly do: 'drawOn' }
  | { readonly do: 'add'; readonly at: Point }
  | { readonly do: 'insert'; readonly after: number; readonly at: Point; readonly run?: string }
  | { readonly do: 'move'; readonly point: number; readonly to: Point; readonly run: string }
  | { readonly do: 'removePoint'; readonly point: number }
  | { readonly do: 'removeShape'; readonly key: ShapeKey }
  | { readonly do: 'rename'; readonly from: string; readonly to: string }
  | { readonly do: 'close' }
  | { readonly do: 'leave' }
  | { readonly do: 'undo' }
  | { readonly do: 'redo' }

const MOST_STEPS = 200
const NOTHING: Past = { back: [], ahead: [] }

export const startEditor = (set: RuleSet): EditorState => ({
  ...{ set, selected: null, point: null, drawing: false, past: {}, run: null },
})

/** Inside the picture, on the grid of stored coordinates. */
const inside = ([x, y]: Point): Point => {
  const clamp = (v: number) => Math.min(1, Math.max(0, v))
  return roundPoint([clamp(x), clamp(y)])
}

export function editorStep(state: EditorState, action: EditorAction): EditorState {
  const shape = shapeOf(state.set, state.selected)
  switch (action.do) {
    case 'load':
      return startEditor(action.set)
    case 'change':
      return { ...state, set: action.change(state.set), run: null }
    case 'select':
      return {
        ...tidy(state, action.key),
        ...{ selected: action.key, point: action.point ?? null, run: null },
        drawing: state.drawing && action.key === state.selected,
      }
    case 'draw': {
      const [set, key] = withShape(tidy(state, null).set, action.kind)
      return { ...state, set, selected: key, point: null, drawing: true, run: null }
    }
    case 'drawOn':
      return shape ? { ...state, drawing: true, point: null, run: null } : state
    case 'add':
      if (!shape || !state.drawing) return state
      return { ...changed(state, shape, [...shape.points, inside(action.at)]), point: shape.points.length }
    case 'insert': {
      if (!shape) return state
      const points = shape.points.toSpliced(action.after + 1, 0, inside(action.at))
      return { ...changed(state, shape, points, action.run), point: action.after + 1 }
    }
    case 'move':
      if (!shape?.points[action.point]) return state
      return {
        ...changed(state, shape, shape.points.with(action.point, inside(action.to)), action.run),
        point: action.point,
      }
    case 'removePoint': {
      if (!shape?.points[action.point]) return state
      const points = shape.points.toSpliced(action.point, 1)
      const next = points.length === 0 ? null : Math.min(action.point, points.length - 1)
      return { ...changed(state, shape, points), point: next }
    }
    case 'removeShape':
      // Numbers of privacy polygons move up: steps of another one must not be taken for theirs.
      return {
        ...state,
        set: withoutShape(state.set, action.key),
        past: action.key.startsWith('privacy:') ? {} : without(state.past, action.key),
        ...{ selected: null, point: null, drawing: false, run: null },
      }
    case 'rename': {
      const { [`zone:${action.from}` as ShapeKey]: moved, ...rest } = state.past
      return {
        ...state,
        set: withZoneName(state.set, action.from, action.to),
        past: moved ? { ...rest, [`zone:${action.to}`]: moved } : rest,
        selected: state.selected === `zone:${action.from}` ? `zone:${action.to}` : state.selected,
        run: null,
      }
    }
    case 'close':
      return { ...state, drawing: false, point: null, run: null }
    case 'leave':
      // What was drawn stays: a key that drops a drawing costs the most.
      if (state.drawing) return { ...tidy(state, null), drawing: false, point: null, run: null }
      if (state.point !== null) return { ...state, point: null, run: null }
      return { ...state, selected: null, run: null }
    case 'undo':
      return travel(state, shape, 'back', 'ahead')
    case 'redo':
      return travel(state, shape, 'ahead', 'back')
  }
}

export const canTravel = (state: EditorState, way: keyof Past): boolean =>
  state.selected !== null && (state.past[state.selected]?.[way].length ?? 0) > 0

function changed(state: EditorState, shape: Shape, points: Polygon, run?: string): EditorState {
  const name = run === undefined ? null : `${shape.key} ${run}`
  const past = state.past[shape.key] ?? NOTHING
  const goesOn = name !== null && name === state.run
  const back = goesOn
    ? past.back
    : [...past.back, { points: shape.points, point: state.point }].slice(-MOST_STEPS)
  return {
    ...state,
    set: withPoints(state.set, shape.key, points),
    past: { ...state.past, [shape.key]: { back, ahead: [] } },
    run: name,
  }
}

function travel(state: EditorState, shape: Shape | null, from: keyof Past, to: keyof Past): EditorState {
  if (!shape) return state
  const past = state.past[shape.key] ?? NOTHING
  const step = past[from].at(-1)
  if (!step) return state
  const here: Step = { points: shape.points, point: state.point }
  const next = { ...past, [from]: past[from].slice(0, -1), [to]: [...past[to], here] }
  return {
    ...state,
    set: withPoints(state.set, shape.key, step.points),
    past: { ...state.past, [shape.key]: next },
    point: step.point !== null && step.point < step.points.length ? step.point : null,
    run: null,
  }
}

/** A shape that is left without a single point was never begun. */
function tidy(state: EditorState, next: ShapeKey | null): EditorState {
  const shape = shapeOf(state.set, state.selected)
  if (!shape || shape.points.length > 0 || shape.key === next) return state
  return { ...state, set: withoutShape(state.set, shape.key), selected: null }
}

const without = (past: EditorState['past'], key: ShapeKey): EditorState['past'] =>
  Object.fromEntries(Object.entries(past).filter(([each]) => each !== key))
