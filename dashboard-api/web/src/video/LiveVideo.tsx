import { useEffect, useRef, useState } from 'react'
import { liveSocketUrl } from '../api/cameras.ts'
import { type BoxReport, createBoxWatch } from './box-state.ts'
import { createBoxTimeline } from './box-timeline.ts'
import { LiveBoxes } from './LiveBoxes.tsx'
import { type LiveSession, openLive } from './live-session.ts'
import type { LiveState } from './live-view.ts'
import { canPlay, createMsePlayer } from './mse-player.ts'
import { whyRefused } from './why-refused.ts'

interface Props {
  readonly camera: string
  readonly purpose: string
  readonly old: boolean
  /** Whether what the model finds is drawn. */
  readonly boxes: boolean
  readonly onState: (state: LiveState) => void
  /** Capture time of the picture on screen and what was left out so far, several times a second. */
  readonly onCapture: (capturedAt: number | null, dropped: number) => void
  readonly onBoxes: (report: BoxReport) => void
}

const OFF: BoxReport = { state: 'off', last: null }
const hasClock = 'requestVideoFrameCallback' in HTMLVideoElement.prototype

/** The camera's own stream in a video element. */
export function LiveVideo({ camera, purpose, old, boxes, onState, onCapture, onBoxes }: Props) {
  const video = useRef<HTMLVideoElement>(null)
  const session = useRef<LiveSession>(null)
  const [timeline] = useState(createBoxTimeline)
  const [watch] = useState(createBoxWatch)
  const playing = useRef(false)
  const report = useRef({ onState, onCapture, onBoxes })
  report.current = { onState, onCapture, onBoxes }
  const drawn = boxes && hasClock
  const wanted = useRef(drawn)
  wanted.current = drawn

  useEffect(() => {
    const element = video.current
    if (!element) return
    const opened = openLive(
      liveSocketUrl(camera, purpose),
      (mime, onFault) => {
        timeline.clear()
        watch.begin(performance.now())
        return canPlay(mime) ? createMsePlayer(element, mime, onFault) : null
      },
      (state) => {
        playing.current = state.kind === 'playing'
        report.current.onState(state)
      },
      () => whyRefused(camera),
      (found) => {
        watch.found(found, element.currentTime * 1_000, performance.now())
        if (found) timeline.add(found)
      },
    )
    session.current = opened
    opened.wantBoxes(wanted.current)
    const timer = setInterval(() => report.current.onCapture(opened.shownCapture(), opened.dropped()), 250)
    return () => {
      clearInterval(timer)
      session.current = null
      opened.close()
    }
  }, [camera, purpose, timeline, watch])

  useEffect(() => {
    session.current?.wantBoxes(drawn)
    timeline.clear()
    watch.begin(performance.now())
    const tell = () => {
      const [element, line] = [video.current, session.current]
      if (!boxes || !element || !line) return report.current.onBoxes(OFF)
      const shownMs = element.currentTime * 1_000
      const facts = { hasClock, playing: playing.current, shownMs, now: performance.now() }
      report.current.onBoxes(watch.report({ ...facts, captureAt: line.captureAt }))
    }
    tell()
    if (!boxes) return
    const timer = setInterval(tell, 250)
    return () => clearInterval(timer)
  }, [boxes, drawn, timeline, watch])

  return (
    <>
      <video ref={video} className={old ? 'greyed' : undefined} muted playsInline autoPlay />
      {drawn && !old ? <LiveBoxes video={video} timeline={timeline} /> : null}
    </>
  )
}
