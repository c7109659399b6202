import { useQuery } from '@tanstack/react-query'
import { type RefObject, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { aroundQuery } from '../api/around.ts'
import type { AlertDetail } from '../api/types.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { BoxOverlay } from '../parts/BoxOverlay.tsx'
import { useTypeName } from '../words/names.ts'
import { boxesAt } from './clip-boxes.ts'

/** Clips are written with this many pictures a second at most; a step is never more than one picture. */
const FRAME_S = 1 / 25

interface Props {
  readonly alert: AlertDetail
  readonly video: RefObject<HTMLVideoElement | null>
}

/** Zones and boxes over the film, each box only with the pictures of its own moment; and the keys that step through it. */
export function ClipBoxes({ alert, video }: Props) {
  const { t } = useTranslation()
  const typeName = useTypeName()
  const { data: around } = useQuery(aroundQuery(alert.id))
  const mediaTime = useMediaTime(video)
  const step = (by: 1 | -1) => {
    const film = video.current
    if (!film) return
    film.pause()
    film.currentTime = Math.max(0, film.currentTime + by * FRAME_S)
  }
  useKeys('keys.groups.picture', [
    { codes: ['Comma'], shown: ',', words: 'around.frameBack', repeats: true, run: () => step(-1) },
    { codes: ['Period'], shown: '.', words: 'around.frameOn', repeats: true, run: () => step(1) },
  ])
  const boxes =
    around?.clipFrom && mediaTime !== null
      ? boxesAt(around.states, Date.parse(around.clipFrom) + mediaTime * 1_000, typeName(alert.type))
      : []
  const zones = alert.zonePolygon
    ? [{ name: alert.zone ?? t('picture.zone'), polygon: alert.zonePolygon }]
    : []
  if (boxes.length === 0 && zones.length === 0) return null
  return (
    <BoxOverlay
      boxes={boxes}
      zones={zones}
      description={t('around.clipBoxes', { boxes: boxes.length, zones: zones.length })}
    />
  )
}

/** Media time of the picture that is on screen, in seconds; null: this browser does not tell it, and no box is drawn. */
function useMediaTime(video: RefObject<HTMLVideoElement | null>): number | null {
  const [time, setTime] = useState<number | null>(null)
  useEffect(() => {
    const film = video.current
    if (!film || !('requestVideoFrameCallback' in film)) return
    let handle = 0
    const onFrame: VideoFrameRequestCallback = (_now, { mediaTime }) => {
      setTime(mediaTime)
      handle = film.requestVideoFrameCallback(onFrame)
    }
    handle = film.requestVideoFrameCallback(onFrame)
    return () => film.cancelVideoFrameCallback(handle)
  }, [video])
  return time
}
