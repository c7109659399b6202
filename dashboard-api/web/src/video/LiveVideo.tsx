import { useEffect, useRef, useState } from 'react'
import { liveSocketUrl } from '../api/cameras.ts'
import { type LiveSession, type LiveState, openLive } from './live-session.ts'

interface Props {
  readonly camera: string
  readonly purpose: string
  readonly onState: (state: LiveState) => void
  /** Capture time of the picture on screen, several times a second. */
  readonly onCapture: (capturedAt: number | null) => void
}

/** The camera's own stream in a video element. */
export function LiveVideo({ camera, purpose, onState, onCapture }: Props) {
  const video = useRef<HTMLVideoElement>(null)
  const [stalled, setStalled] = useState(false)
  const report = useRef({ onState, onCapture })
  report.current = { onState, onCapture }

  useEffect(() => {
    if (!video.current) return
    const session: LiveSession = openLive(liveSocketUrl(camera, purpose), video.current, (state) => {
      setStalled(state.kind === 'stalled')
      report.current.onState(state)
    })
    const timer = setInterval(() => report.current.onCapture(session.shownCapture()), 250)
    return () => {
      clearInterval(timer)
      session.close()
    }
  }, [camera, purpose])

  return <video ref={video} className={stalled ? 'greyed' : undefined} muted playsInline autoPlay />
}
