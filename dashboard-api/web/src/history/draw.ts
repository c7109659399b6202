import type { EventItem, Recordings } from '../api/recordings.ts'
import { SEVERITY_FILLS } from '../theme/palette.ts'
import { formatTime } from '../time/format.ts'
import { type Span, ticks, xOf } from './view.ts'

export interface Lane {
  readonly name: string
  readonly recordings: Recordings | undefined
  readonly events: readonly EventItem[]
}

export interface Band {
  readonly view: Span
  readonly day: Span
  readonly lanes: readonly Lane[]
  readonly timezone: string
  readonly at: number
  readonly range: { readonly from: number | null; readonly to: number | null }
  /** The other band's view, shown as a frame. */
  readonly frame: Span | null
  readonly detailed: boolean
}

const SCALE_PX = 22
const LANE = { detailed: 54, plain: 12 } as const

export const bandHeight = (lanes: number, detailed: boolean): number =>
  SCALE_PX + Math.max(lanes, 1) * (detailed ? LANE.detailed : LANE.plain) + (detailed ? 4 : 6)

/** Draws one band; the context is scaled to CSS pixels. */
export function drawBand(context: CanvasRenderingContext2D, width: number, band: Band): void {
  const style = getComputedStyle(context.canvas)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const height = bandHeight(band.lanes.length, band.detailed)
  const { view, day, detailed } = band
  context.clearRect(0, 0, width, height)
  context.fillStyle = colour('--container')
  context.fillRect(0, 0, width, height)
  context.font = `12px ${style.fontFamily}`
  context.textBaseline = 'middle'
  const bar = (span: Span, y: number, tall: number) => {
    const from = Math.max(0, xOf(span.from, view, width))
    const to = Math.min(width, xOf(span.to, view, width))
    if (to > 0 && from < width) context.fillRect(from, y, Math.max(1, to - from), tall)
  }

  const { step, at: marks } = ticks(view, day, width, detailed ? 90 : 60)
  for (const mark of marks) {
    const x = Math.round(xOf(mark, view, width)) + 0.5
    context.strokeStyle = colour('--border')
    context.beginPath()
    context.moveTo(x, 0)
    context.lineTo(x, height)
    context.stroke()
    context.fillStyle = colour('--tertiary')
    const text = formatTime(mark, band.timezone).slice(0, step < 60_000 ? 8 : 5)
    if (x + context.measureText(text).width + 4 < width) context.fillText(text, x + 4, SCALE_PX / 2)
  }
  band.lanes.forEach((lane, index) => {
    const top = SCALE_PX + index * (detailed ? LANE.detailed : LANE.plain)
    const spans = (list: readonly { from: string; to: string }[] | undefined) =>
      (list ?? []).map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) }))
    const gapTop = detailed ? top + 17 : top + 1
    context.fillStyle = colour('--border')
    for (const gap of spans(lane.recordings?.gaps)) bar(gap, gapTop + 3, 2)
    context.fillStyle = colour('--control')
    for (const recorded of spans(lane.recordings?.recorded)) bar(recorded, gapTop, detailed ? 8 : 5)
    context.fillStyle = colour('--link')
    for (const analysed of spans(lane.recordings?.analysed))
      bar(analysed, gapTop + (detailed ? 10 : 6), detailed ? 4 : 2)
    if (detailed) {
      context.fillStyle = colour('--text')
      context.fillText(lane.name, 4, top + 9, width - 8)
    }
    for (const event of lane.events) {
      const x = xOf(Date.parse(event.at), view, width)
      if (x < -8 || x > width + 8) continue
      drawEvent(context, x, detailed ? top + 41 : top + 5, event.severity, detailed)
    }
  })
  const { from, to } = band.range
  if (from !== null || to !== null) {
    context.fillStyle = 'rgb(255 200 60 / 28%)'
    bar({ from: from ?? to ?? 0, to: to ?? from ?? 0 }, 0, height)
  }
  if (band.frame) {
    context.strokeStyle = colour('--text')
    context.lineWidth = 1.5
    const left = xOf(band.frame.from, view, width)
    const right = Math.max(left + 3, xOf(band.frame.to, view, width))
    context.strokeRect(left, 1, right - left, height - 2)
    context.lineWidth = 1
  }
  const x = Math.round(xOf(band.at, view, width)) + 0.5
  context.strokeStyle = colour('--error')
  context.lineWidth = 2
  context.beginPath()
  context.moveTo(x, 0)
  context.lineTo(x, height)
  context.stroke()
  context.lineWidth = 1
}

/** Shape, digit and fill: severity is never told by colour alone. */
function drawEvent(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  severity: EventItem['severity'],
  detailed: boolean,
): void {
  const { fill, text, shape } = SEVERITY_FILLS[severity]
  const words = detailed ? `${shape}${severity}` : ''
  const wide = detailed ? context.measureText(words).width + 6 : 4
  const tall = detailed ? 16 : 9
  context.fillStyle = fill
  context.strokeStyle = '#141a21'
  context.fillRect(x - wide / 2, y - tall / 2, wide, tall)
  context.strokeRect(x - wide / 2 + 0.5, y - tall / 2 + 0.5, wide - 1, tall - 1)
  if (!detailed) return
  context.fillStyle = text
  context.fillText(words, x - wide / 2 + 3, y)
}
