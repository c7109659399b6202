import { useEffect, useRef } from 'react'
import { liveSocketUrl } from '../api/cameras.ts'
import { type LiveSession, openLive } from './live-session.ts'
import type { LiveState } from './live-view.ts'
import { canPlay, createMsePlayer } from './mse-player.ts'
import { whyRefused } from './why-refused.ts'

interface Props {
  readonly camera: string
  readonly purpose: string
  readonly old: boolean
  readonly onState: (state: LiveState) => void
  /** Capture time of the picture on screen and what was left out so far, several times a second. */
  readonly onCapture: (capturedAt: number | null, dropped: number) => void
}

/** The camera's own stream in a video element. */
export function LiveVideo({ camera, purpose, old, onState, onCapture }: Props) {
  const video = useRef<HTMLVideoElement>(null)
  const report = useRef({ onState, onCapture })
  report.current = { onState, onCapture }

  useEffect(() => {
    const element = video.current
    if (!element) return
    const session: LiveSession = openLive(
      liveSocketUrl(camera, purpose),
      (mime, onFault) => (canPlay(mime) ? createMsePlayer(element, mime, onFault) : null),
      (state) => report.current.onState(state),
      () => whyRefused(camera),
    )
    const timer = setInterval(() => report.current.onCapture(session.shownCapture(), session.dropped()), 250)
    return () => {
      clearInterval(timer)
      session.close()
    }
  }, [camera, purpose])

  return <video ref={video} className={old ? 'greyed' : undefined} muted playsInline autoPlay />
}
