import { type PointerEvent, type RefObject, useEffect, useRef } from 'react'
import type { Point } from '../../../../core/geometry.ts'

const LONG_PRESS_MS = 500
/** A finger is never quite still. */
const STILL_PX = 6

interface Options {
  readonly at: (event: PointerEvent) => Point
  /** `free`: Alt is held, nothing snaps. `run` is one drag. */
  readonly onMove: (point: number, run: string, to: Point, free: boolean) => void
  readonly onLongPress: (point: number) => void
}

interface Drag {
  readonly pointer: number
  readonly point: number
  readonly run: string
  readonly from: readonly [number, number]
  moved: boolean
}

let runs = 0

/** Dragging a point of the picture, and holding it with a finger. */
export function useDrag(svg: RefObject<SVGSVGElement | null>, { at, onMove, onLongPress }: Options) {
  const drag = useRef<Drag | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const end = () => {
    clearTimeout(timer.current)
    drag.current = null
  }
  return {
    /** Answers the name of the run, so that what begins it can belong to it. */
    begin(event: PointerEvent, point: number): string {
      runs += 1
      const run = `drag ${runs}`
      event.stopPropagation()
      svg.current?.setPointerCapture(event.pointerId)
      drag.current = {
        pointer: event.pointerId,
        point,
        run,
        from: [event.clientX, event.clientY],
        moved: false,
      }
      if (event.pointerType === 'touch')
        timer.current = setTimeout(() => {
          drag.current = null
          onLongPress(point)
        }, LONG_PRESS_MS)
      return run
    },
    handlers: {
      onPointerMove(event: PointerEvent) {
        const now = drag.current
        if (!now || now.pointer !== event.pointerId) return
        const far = Math.hypot(event.clientX - now.from[0], event.clientY - now.from[1])
        if (!now.moved && far < STILL_PX) return
        now.moved = true
        clearTimeout(timer.current)
        onMove(now.point, now.run, at(event), event.altKey)
      },
      onPointerUp: end,
      onPointerCancel: end,
    },
  }
}
