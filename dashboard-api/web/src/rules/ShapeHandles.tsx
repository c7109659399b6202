import type { KeyboardEvent, PointerEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Point, Polygon } from '../../../../core/geometry.ts'
import { useMedia } from '../parts/use-media.ts'
import { pixels, type Size } from './snap.ts'

interface Props {
  readonly points: Polygon
  readonly chosen: number | null
  readonly size: Size
  readonly drawing: boolean
  readonly readOnly: boolean
  readonly onChoose: (index: number) => void
  readonly onGrab: (index: number, event: PointerEvent) => void
  readonly onGrabEdge: (after: number) => (event: PointerEvent) => void
  readonly onInsert: (after: number, between: Point) => void
}

/** A side that is shorter on screen has no button of its own: it would lie on the points. */
const ROOM = 3

/** The points of the chosen shape and the middles of its sides: each can be focused, dragged, and has a name. */
export function ShapeHandles(props: Props) {
  const { points, chosen, size, drawing, readOnly, onChoose, onGrab, onGrabEdge, onInsert } = props
  const { t } = useTranslation()
  // Half of the least target: 24 px for a mouse, 44 for a finger.
  const reach = useMedia('(pointer: coarse)') ? 22 : 12
  const px = ([x, y]: Point): Point => [x * size.width, y * size.height]
  if (drawing || readOnly)
    return (
      <g className="handles handles-still">
        {points.map((p, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a point is known by its place in the shape
          <circle key={i} className="handle-dot" cx={px(p)[0]} cy={px(p)[1]} r={5} />
        ))}
      </g>
    )
  const sides = points.map((a, i) => {
    const b = points[(i + 1) % points.length] as Point
    return { a, b, between: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] as Point }
  })
  const press = (event: KeyboardEvent, run: () => void) => {
    if (event.code !== 'Enter' && event.code !== 'Space') return
    event.preventDefault()
    event.stopPropagation()
    run()
  }
  return (
    <g className="handles">
      {sides.map(({ a, b }, i) => (
        <line
          // biome-ignore lint/suspicious/noArrayIndexKey: a side is known by its place in the shape
          key={`side ${i}`}
          className="side"
          {...{ x1: px(a)[0], y1: px(a)[1], x2: px(b)[0], y2: px(b)[1] }}
          onPointerDown={onGrabEdge(i)}
        />
      ))}
      {points.map((p, i) => (
        // biome-ignore lint/a11y/useSemanticElements: SVG has no button element
        <g
          // biome-ignore lint/suspicious/noArrayIndexKey: a point is known by its place in the shape
          key={`point ${i}`}
          className="handle"
          data-point={i}
          data-chosen={i === chosen || undefined}
          role="button"
          tabIndex={0}
          aria-pressed={i === chosen}
          aria-label={t('ruleDesk.point', { n: i + 1, x: p[0], y: p[1] })}
          transform={`translate(${px(p).join(' ')})`}
          onFocus={() => i !== chosen && onChoose(i)}
          onPointerDown={(event) => event.button === 0 && onGrab(i, event)}
          onContextMenu={(event) => event.preventDefault()}
        >
          <circle className="handle-reach" r={reach} />
          <circle className="handle-dot" r={6} />
        </g>
      ))}
      {sides.map(({ a, b, between }, i) =>
        pixels(a, b, size) < ROOM * 2 * reach ? null : (
          // biome-ignore lint/a11y/useSemanticElements: SVG has no button element
          <g
            // biome-ignore lint/suspicious/noArrayIndexKey: a side is known by its place in the shape
            key={`middle ${i}`}
            className="handle handle-middle"
            role="button"
            tabIndex={0}
            aria-label={t('ruleDesk.insert', { n: i + 1 })}
            transform={`translate(${px(between).join(' ')})`}
            onPointerDown={onGrabEdge(i)}
            onKeyDown={(event) => press(event, () => onInsert(i, between))}
          >
            <circle className="handle-reach" r={reach} />
            <path className="handle-plus" d="M-4 0H4M0-4V4" />
          </g>
        ),
      )}
    </g>
  )
}
