import { type PointerEvent, type RefObject, useEffect, useRef } from 'react'
import { type Band, bandHeight, drawBand } from './draw.ts'
import { type Span, timeAt, zoomed } from './view.ts'

interface Props {
  readonly label: string
  readonly valueText: string
  /** What is drawn now; asked for at every picture of the screen. */
  readonly band: () => Band
  readonly lanes: number
  readonly detailed: boolean
  readonly onScrub: (at: number) => void
  readonly onSeek: (at: number) => void
  /** Absent: it cannot be zoomed. */
  readonly onView?: (view: Span) => void
  readonly redraw: RefObject<Set<() => void>>
}

/** A canvas with the time from left to right. By keyboard it is a slider; what it shows is in the tables below, too. */
export function TimeBand({
  label,
  valueText,
  band,
  lanes,
  detailed,
  onScrub,
  onSeek,
  onView,
  redraw,
}: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const pointers = useRef(new Map<number, number>())
  const pinch = useRef<{ distance: number; view: Span } | null>(null)
  const current = useRef({ band, onView })
  current.current = { band, onView }
  const height = bandHeight(lanes, detailed)

  useEffect(() => {
    const element = canvas.current
    const context = element?.getContext('2d')
    if (!element || !context) return
    const draw = () => {
      const width = element.clientWidth
      const scale = window.devicePixelRatio || 1
      const [wide, tall] = [Math.round(width * scale), Math.round(height * scale)]
      if (element.width !== wide || element.height !== tall) {
        element.width = wide
        element.height = tall
      }
      context.setTransform(scale, 0, 0, scale, 0, 0)
      drawBand(context, width, current.current.band())
    }
    const all = redraw.current
    all.add(draw)
    // React's wheel listeners are passive: the page would scroll, too.
    const onWheel = (event: WheelEvent) => {
      const { onView: tell, band: now } = current.current
      if (!tell) return
      event.preventDefault()
      const { view, day } = now()
      const anchor = timeAt(event.offsetX, view, element.clientWidth)
      tell(zoomed(view, event.deltaY > 0 ? 1.25 : 0.8, anchor, day))
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => {
      all.delete(draw)
      element.removeEventListener('wheel', onWheel)
    }
  }, [height, redraw])

  const at = (event: PointerEvent<HTMLCanvasElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    const { view } = band()
    return Math.min(Math.max(timeAt(event.clientX - left, view, width), view.from), view.to)
  }
  const onMove = (event: PointerEvent<HTMLCanvasElement>) => {
    if (!pointers.current.has(event.pointerId)) return
    pointers.current.set(event.pointerId, event.clientX)
    const [a, b] = [...pointers.current.values()]
    if (a === undefined || b === undefined) return onScrub(at(event))
    const distance = Math.max(Math.abs(a - b), 10)
    if (!pinch.current) pinch.current = { distance, view: band().view }
    const { view, distance: first } = pinch.current
    onView?.(zoomed(view, first / distance, (view.from + view.to) / 2, band().day))
  }
  const onEnd = (event: PointerEvent<HTMLCanvasElement>) => {
    if (!pointers.current.delete(event.pointerId)) return
    if (pinch.current) {
      if (pointers.current.size === 0) pinch.current = null
    } else onSeek(at(event))
  }
  const now = band()
  return (
    <canvas
      ref={canvas}
      className="time-band"
      height={height}
      style={{ height }}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={Math.round(now.day.from / 1_000)}
      aria-valuemax={Math.round(now.day.to / 1_000)}
      aria-valuenow={Math.round(now.at / 1_000)}
      aria-valuetext={valueText}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        pointers.current.set(event.pointerId, event.clientX)
        if (pointers.current.size === 1) onScrub(at(event))
      }}
      onPointerMove={onMove}
      onPointerUp={onEnd}
      onPointerCancel={(event) => {
        pointers.current.delete(event.pointerId)
        pinch.current = null
      }}
    />
  )
}
