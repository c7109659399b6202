import { type Dispatch, type PointerEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Point, Polygon } from '../../../../core/geometry.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { answerKey, canvasKeys } from './canvas-keys.ts'
import type { EditorAction, EditorState } from './editor.ts'
import { type RuleSet, shapeOf, shapesOf } from './model.ts'
import { PointMenu } from './PointMenu.tsx'
import { ShapeHandles } from './ShapeHandles.tsx'
import { footOn, pixels, type Size, snap } from './snap.ts'
import { useDrag } from './use-drag.ts'
import { useSize } from './use-size.ts'

interface Props {
  readonly state: EditorState
  readonly dispatch: Dispatch<EditorAction>
  /** The version in force, drawn dashed where it differs. */
  readonly base: RuleSet
  readonly readOnly: boolean
  readonly onBack: () => void
}

/** Two clicks so near are one double click, which closes and adds nothing. */
const CLOSE_PX = 12

/** Zones and privacy polygons over the picture, for mouse, finger and keyboard alike. */
export function ZoneCanvas({ state, dispatch, base, readOnly, onBack }: Props) {
  const { t } = useTranslation()
  const svg = useRef<SVGSVGElement>(null)
  const size = useSize(svg)
  const [cursor, moveCursor] = useState<Point>([0.5, 0.5])
  const [menu, setMenu] = useState<number | null>(null)
  const { set, drawing, selected, point } = state
  const shapes = shapesOf(set)
  const current = shapeOf(set, selected)

  const at = (event: { readonly clientX: number; readonly clientY: number }): Point => {
    const box = svg.current?.getBoundingClientRect()
    if (!box) return [0, 0]
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
  }
  const snapped = (to: Point, free: boolean, moving: number | null): Point => {
    if (free) return to
    const others = shapes.filter((shape) => shape.key !== selected).map((shape) => shape.points)
    const own = current?.points.filter((_, i) => i !== moving) ?? []
    return snap(to, [...others, ...own.map((p): Polygon => [p])], size)
  }
  const drag = useDrag(svg, {
    at,
    onMove: (index, run, to, free) =>
      dispatch({ do: 'move', point: index, to: snapped(to, free, index), run }),
    onLongPress: setMenu,
  })
  const keys = canvasKeys({ state, dispatch, cursor, moveCursor, readOnly, onBack })
  useKeys('ruleDesk.keys.title', keys)

  // biome-ignore lint/correctness/useExhaustiveDependencies: focus follows the choice, not each movement of the point
  useEffect(() => {
    const root = svg.current
    const active = document.activeElement
    if (!root || (active !== document.body && active !== null && !root.contains(active) && !drawing)) return
    if (drawing) root.focus({ preventScroll: true })
    else if (point !== null)
      root.querySelector<SVGElement>(`[data-point="${point}"]`)?.focus({ preventScroll: true })
    else if (selected !== null && active !== document.body && root.contains(active))
      root.focus({ preventScroll: true })
  }, [drawing, selected, point, current?.points.length])
  useEffect(() => {
    if (point === null || point !== menu) setMenu(null)
  }, [point, menu])

  const click = (event: React.MouseEvent) => {
    if (!drawing) {
      dispatch({ do: 'select', key: null })
      return
    }
    const to = snapped(at(event), event.altKey, null)
    const first = current?.points[0]
    const closes =
      event.detail >= 2 ||
      (first && (current?.points.length ?? 0) >= 3 && pixels(at(event), first, size) < CLOSE_PX)
    dispatch(closes ? { do: 'close' } : { do: 'add', at: to })
    moveCursor(to)
  }
  const grabEdge = (after: number) => (event: PointerEvent) => {
    if (!current || event.button !== 0) return
    const next = current.points[(after + 1) % current.points.length] as Point
    const foot = footOn(at(event), current.points[after] as Point, next, size)
    const run = drag.begin(event, after + 1)
    dispatch({ do: 'insert', after, at: foot, run })
  }
  const px = ([x, y]: Point): Point => [x * size.width, y * size.height]
  return (
    <>
      <svg
        ref={svg}
        className="zone-canvas"
        data-drawing={drawing || undefined}
        viewBox={`0 0 ${size.width} ${size.height}`}
        role="application"
        aria-label={
          drawing ? t('ruleDesk.canvasDrawing', { n: current?.points.length ?? 0 }) : t('ruleDesk.canvas')
        }
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a drawing surface with keys of its own, as WAI-ARIA has it
        tabIndex={0}
        onKeyDown={(event) => answerKey(event, keys)}
        {...drag.handlers}
      >
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys of the surface do the same */}
        <rect className="surface" width={size.width} height={size.height} onClick={click} />
        {shapesOf(base)
          .filter((old) => !same(old.points, shapeOf(set, old.key)?.points))
          .map((old) => (
            <polygon key={old.key} className="shape-before" points={text(old.points, size)} />
          ))}
        {shapes.map((shape) => {
          const chosen = shape.key === selected
          const Line = chosen && drawing ? 'polyline' : 'polygon'
          return (
            <g key={shape.key} className="shape" data-kind={shape.kind} data-chosen={chosen || undefined}>
              <Line className="shape-rim" points={text(shape.points, size)} />
              <Line
                className="shape-line"
                points={text(shape.points, size)}
                onClick={() => (drawing ? undefined : dispatch({ do: 'select', key: shape.key }))}
              />
            </g>
          )
        })}
        {shapes.map(({ key, kind, name, points }) => {
          const first = points[0]
          if (!first) return null
          const [x, y] = px(first)
          return (
            <text
              key={key}
              className="shape-name"
              x={Math.min(x + 8, size.width - 60)}
              y={Math.max(14, y - 10)}
            >
              {kind === 'privacy' ? t('ruleDesk.privacyNo', { n: name }) : name}
            </text>
          )
        })}
        {current ? (
          <ShapeHandles
            points={current.points}
            chosen={point}
            size={size}
            drawing={drawing}
            readOnly={readOnly}
            onChoose={(index) => dispatch({ do: 'select', key: current.key, point: index })}
            onGrab={(index, event) => {
              dispatch({ do: 'select', key: current.key, point: index })
              drag.begin(event, index)
            }}
            onGrabEdge={grabEdge}
            onInsert={(after, between) => dispatch({ do: 'insert', after, at: between })}
          />
        ) : null}
        {drawing ? (
          <g className="crosshair" transform={`translate(${px(cursor).join(' ')})`}>
            <path d="M-14 0H14M0-14V14" />
          </g>
        ) : null}
      </svg>
      {menu !== null && current?.points[menu] ? (
        <PointMenu
          at={current.points[menu] as Point}
          onRemove={() => dispatch({ do: 'removePoint', point: menu })}
          onInsert={() => {
            const [a, b] = [
              current.points[menu] as Point,
              current.points[(menu + 1) % current.points.length] as Point,
            ]
            dispatch({ do: 'insert', after: menu, at: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] })
          }}
          onClose={() => setMenu(null)}
        />
      ) : null}
    </>
  )
}

const text = (points: Polygon, { width, height }: Size): string =>
  points.map(([x, y]) => `${x * width},${y * height}`).join(' ')

const same = (a: Polygon, b: Polygon | undefined): boolean => JSON.stringify(a) === JSON.stringify(b)
