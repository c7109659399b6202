import { useEffect, useRef } from 'react'
import { liveSocketUrl } from '../api/cameras.ts'
import { openLive } from './live-session.ts'
import type { LiveState } from './live-view.ts'
import { createMpegPlayer } from './mpeg-player.ts'
import { whyRefused } from './why-refused.ts'

interface Props {
  readonly camera: string
  readonly purpose: string
  readonly old: boolean
  /** It waits for room; stills stand in its place. */
  readonly hidden: boolean
  readonly onState: (state: LiveState) => void
  readonly onCapture: (capturedAt: number | null, dropped: number) => void
  readonly onSize: (width: number, height: number) => void
}

/** The stream that the camera's worker has turned into MPEG-1, for what this browser cannot play. */
export function SlowVideo({ camera, purpose, old, hidden, onState, onCapture, onSize }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const report = useRef({ onState, onCapture, onSize })
  report.current = { onState, onCapture, onSize }

  useEffect(() => {
    const element = canvas.current
    if (!element) return
    const session = openLive(
      liveSocketUrl(camera, purpose, 'mpeg1'),
      (_mime, onFault) =>
        createMpegPlayer(element, (width, height) => report.current.onSize(width, height), onFault),
      (state) => report.current.onState(state),
      () => whyRefused(camera),
    )
    const timer = setInterval(() => report.current.onCapture(session.shownCapture(), session.dropped()), 250)
    return () => {
      clearInterval(timer)
      session.close()
    }
  }, [camera, purpose])

  return <canvas ref={canvas} hidden={hidden} className={old ? 'greyed' : undefined} />
}
