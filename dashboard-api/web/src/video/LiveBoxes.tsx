import { type RefObject, useEffect, useState } from 'react'
import { flushSync } from 'react-dom'
import { useTranslation } from 'react-i18next'
import type { LiveBoxes as Found, LiveBox } from '../../../../core/live-boxes.ts'
import { labelText } from '../cameras/attention-reason.ts'
import { BoxOverlay } from '../parts/BoxOverlay.tsx'
import type { BoxTimeline } from './box-timeline.ts'

interface Props {
  readonly video: RefObject<HTMLVideoElement | null>
  readonly timeline: BoxTimeline
}

/** What the model found, on the picture that it was found in: the browser tells which one is on screen. */
export function LiveBoxes({ video, timeline }: Props) {
  const { t } = useTranslation()
  const [found, setFound] = useState<Found | null>(null)
  useEffect(() => {
    const film = video.current
    if (!film) return
    let handle = 0
    let drawn: Found | null = null
    const onFrame: VideoFrameRequestCallback = (_now, { mediaTime }) => {
      handle = film.requestVideoFrameCallback(onFrame)
      const next = timeline.at(mediaTime * 1_000)
      if (next === drawn) return
      drawn = next
      // Drawn with this picture: what waits for React's own turn comes with the next one.
      flushSync(() => setFound(next))
    }
    handle = film.requestVideoFrameCallback(onFrame)
    return () => film.cancelVideoFrameCallback(handle)
  }, [video, timeline])

  if (!found || found.boxes.length === 0) return null
  const name = ({ label, score, still }: LiveBox) =>
    `${labelText(label, t)} ${score.toFixed(2)}${still ? ` ${t('liveBoxes.still')}` : ''}`
  return (
    <div className="live-boxes" data-media-ms={found.mediaMs}>
      <BoxOverlay
        boxes={found.boxes.map((each) => ({ box: each.box, label: name(each), strong: false }))}
        zones={[]}
        description={t('liveBoxes.drawn', { n: found.boxes.length })}
      />
    </div>
  )
}
