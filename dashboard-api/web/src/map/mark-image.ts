import { MARKS, type Mark } from '../../../../core/map/sites.ts'
import { DARK, LIGHT, SEVERITY_FILLS } from '../theme/palette.ts'

/** Pixels of the page; drawn twice as fine. */
const SIZE = 40
const FINE = 2

/** The picture of `mark RANK COUNT`, as the layers name it (no count: one thing stands there); null: no such mark. */
export function drawMark(name: string, dark: boolean): ImageData | null {
  const [, rank, count = ''] = /^mark (\d+) (.*)$/.exec(name) ?? []
  const mark = rank === undefined ? undefined : MARKS[Number(rank)]
  if (!mark) return null
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIZE * FINE
  const context = canvas.getContext('2d')
  if (!context) return null
  context.scale(FINE, FINE)
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  drawShape(context, mark, dark)
  if (count) drawCount(context, count, dark)
  return context.getImageData(0, 0, SIZE * FINE, SIZE * FINE)
}

const MIDDLE = SIZE / 2

function drawShape(context: CanvasRenderingContext2D, mark: Mark, dark: boolean): void {
  const palette = dark ? DARK : LIGHT
  const rim = dark ? '#ffffff' : '#141a21'
  const severity = /^(?:alert|case)([1-4])$/.exec(mark)?.[1] as '1' | '2' | '3' | '4' | undefined
  if (severity) {
    const { fill, text } = SEVERITY_FILLS[severity]
    if (mark.startsWith('case')) {
      path(context, severity, 16)
      context.fillStyle = palette.container
      context.fill()
      context.lineWidth = 1.5
      context.strokeStyle = rim
      context.stroke()
    }
    path(context, severity, 12)
    context.fillStyle = fill
    context.fill()
    context.lineWidth = 1.5
    context.strokeStyle = rim
    context.stroke()
    context.fillStyle = text
    context.font = 'bold 13px system-ui, sans-serif'
    context.fillText(severity, MIDDLE, MIDDLE + (severity === '2' ? 3.5 : 1))
    return
  }
  const bad = mark.startsWith('bad')
  const sensor = /sensor/i.test(mark)
  context.beginPath()
  if (sensor) {
    context.moveTo(MIDDLE - 7, MIDDLE - 6)
    context.lineTo(MIDDLE + 7, MIDDLE - 6)
    context.lineTo(MIDDLE, MIDDLE + 7)
    context.closePath()
  } else context.arc(MIDDLE, MIDDLE, bad ? 8 : 5.5, 0, 2 * Math.PI)
  context.fillStyle = palette.container
  context.fill()
  context.lineWidth = 2
  context.strokeStyle = bad ? palette.error : palette.secondary
  context.stroke()
  if (!bad) return
  context.beginPath()
  for (const side of [-1, 1]) {
    context.moveTo(MIDDLE - 4 * side, MIDDLE - 4)
    context.lineTo(MIDDLE + 4 * side, MIDDLE + 4)
  }
  context.lineWidth = 2.5
  context.stroke()
}

/** The shape of a severity, as the chips have it, around the middle. */
function path(context: CanvasRenderingContext2D, severity: string, size: number): void {
  context.beginPath()
  if (severity === '4') context.arc(MIDDLE, MIDDLE, size * 0.92, 0, 2 * Math.PI)
  else if (severity === '3') context.rect(MIDDLE - size * 0.85, MIDDLE - size * 0.85, size * 1.7, size * 1.7)
  else if (severity === '2') {
    context.moveTo(MIDDLE, MIDDLE - size * 1.05)
    context.lineTo(MIDDLE + size * 1.15, MIDDLE + size * 0.9)
    context.lineTo(MIDDLE - size * 1.15, MIDDLE + size * 0.9)
    context.closePath()
  } else {
    const reach = size * 1.2
    context.moveTo(MIDDLE, MIDDLE - reach)
    context.lineTo(MIDDLE + reach, MIDDLE)
    context.lineTo(MIDDLE, MIDDLE + reach)
    context.lineTo(MIDDLE - reach, MIDDLE)
    context.closePath()
  }
}

function drawCount(context: CanvasRenderingContext2D, count: string, dark: boolean): void {
  const { text, container } = dark ? DARK : LIGHT
  context.font = '600 10px system-ui, sans-serif'
  const width = Math.max(14, context.measureText(count).width + 6)
  const left = SIZE - width
  context.beginPath()
  context.roundRect(left, 0, width, 14, 7)
  context.fillStyle = text
  context.fill()
  context.fillStyle = container
  context.fillText(count, left + width / 2, 7.5)
}
