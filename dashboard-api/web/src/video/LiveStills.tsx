import { useEffect, useRef } from 'react'
import { liveStillUrl } from '../api/cameras.ts'
import { problemError } from '../api/problem.ts'
import { createBackoff } from '../live/backoff.ts'
import { sleep } from '../live/transport.ts'

interface Props {
  readonly camera: string
  readonly purpose: string
  readonly size: 'full' | 'thumb'
  readonly everyMs: number
  readonly old: boolean
  readonly onCapture: (capturedAt: number | null) => void
  /** Null: the last one came. */
  readonly onError: (error: unknown) => void
  readonly onSize: (width: number, height: number) => void
}

/** The newest masked still, again and again, where the stream itself must not or cannot be shown. */
export function LiveStills(props: Props) {
  const { camera, purpose, size, everyMs, old, onCapture, onError, onSize } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const report = useRef({ onCapture, onError, onSize })
  report.current = { onCapture, onError, onSize }

  useEffect(() => {
    const stop = new AbortController()
    const backoff = createBackoff(everyMs, 30_000)
    const once = async () => {
      const response = await fetch(liveStillUrl(camera, purpose, size), {
        signal: stop.signal,
        cache: 'no-store',
        credentials: 'same-origin',
      })
      if (!response.ok) throw problemError(response.status, await response.json().catch(() => null))
      const picture = await createImageBitmap(await response.blob())
      const target = canvas.current
      if (!target || stop.signal.aborted) return
      target.width = picture.width
      target.height = picture.height
      target.getContext('2d')?.drawImage(picture, 0, 0)
      report.current.onSize(picture.width, picture.height)
      picture.close()
      report.current.onCapture(captureTime(response.headers))
    }
    const run = async () => {
      while (!stop.signal.aborted) {
        try {
          if (!document.hidden) await turn(once, stop.signal)
          backoff.reset()
          report.current.onError(null)
          await sleep(everyMs, stop.signal)
        } catch (thrown) {
          if (stop.signal.aborted) return
          report.current.onError(thrown)
          await sleep(backoff.next(), stop.signal).catch(() => undefined)
        }
      }
    }
    void run()
    return () => stop.abort()
  }, [camera, purpose, size, everyMs])

  return <canvas ref={canvas} className={old ? 'greyed' : undefined} />
}

/** Each still is decoded and masked for us: a grid of cameras asks for a few at a time. */
const AT_ONCE = 3
let running = 0
const queue: (() => void)[] = []

async function turn(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => queue.push(resolve))
  running += 1
  try {
    if (!signal.aborted) await work()
  } finally {
    running -= 1
    queue.shift()?.()
  }
}

/** Exact to the millisecond where the server says so, else to the second of `Last-Modified`. */
function captureTime(headers: Headers): number | null {
  const exact = headers.get('X-Captured-At')
  const at =
    exact === null ? Date.parse(headers.get('Last-Modified') ?? '') : Number(exact) || Date.parse(exact)
  return Number.isNaN(at) ? null : at
}
