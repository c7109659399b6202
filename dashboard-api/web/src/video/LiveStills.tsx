import { useEffect, useRef, useState } from 'react'
import { liveStillUrl } from '../api/cameras.ts'
import { problemError } from '../api/problem.ts'
import { createBackoff } from '../live/backoff.ts'
import { sleep } from '../live/transport.ts'

const EVERY_MS = 2_000

interface Props {
  readonly camera: string
  readonly onCapture: (capturedAt: number | null) => void
  /** Null: the last one came. */
  readonly onError: (error: unknown) => void
  readonly onSize: (width: number, height: number) => void
}

/** The newest masked still, again and again, where the stream itself must not or cannot be shown. */
export function LiveStills({ camera, onCapture, onError, onSize }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [stale, setStale] = useState(false)
  const report = useRef({ onCapture, onError, onSize })
  report.current = { onCapture, onError, onSize }

  useEffect(() => {
    const stop = new AbortController()
    const backoff = createBackoff(EVERY_MS, 30_000)
    const once = async () => {
      const response = await fetch(liveStillUrl(camera), {
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
          if (!document.hidden) await once()
          backoff.reset()
          setStale(false)
          report.current.onError(null)
          await sleep(EVERY_MS, stop.signal)
        } catch (thrown) {
          if (stop.signal.aborted) return
          setStale(true)
          report.current.onError(thrown)
          await sleep(backoff.next(), stop.signal).catch(() => undefined)
        }
      }
    }
    void run()
    return () => stop.abort()
  }, [camera])

  return <canvas ref={canvas} className={stale ? 'greyed' : undefined} />
}

/** Exact to the millisecond where the server says so, else to the second of `Last-Modified`. */
function captureTime(headers: Headers): number | null {
  const exact = headers.get('X-Captured-At')
  const at =
    exact === null ? Date.parse(headers.get('Last-Modified') ?? '') : Number(exact) || Date.parse(exact)
  return Number.isNaN(at) ? null : at
}
