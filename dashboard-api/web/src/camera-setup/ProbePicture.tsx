import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { ProbeAnswer } from '../api/camera-setup.ts'
import { useSession } from '../session/session.ts'
import { formatFull } from '../time/format.ts'
import { Watermark } from '../video/Watermark.tsx'

/** The picture of the probe, masked by the server, with its time; without one an empty frame of its shape. */
export function ProbePicture({
  probed,
  children,
}: {
  readonly probed: ProbeAnswer | null
  /** What is drawn on it; it fills it. */
  readonly children?: ReactNode
}) {
  const { t } = useTranslation()
  const { timezone } = useSession().city
  const canvas = useRef<HTMLCanvasElement>(null)
  const jpeg = probed?.picture?.jpeg ?? null
  useEffect(() => {
    const target = canvas.current
    if (!target || jpeg === null) return
    let stale = false
    const bytes = Uint8Array.from(atob(jpeg), (c) => c.charCodeAt(0))
    void createImageBitmap(new Blob([bytes], { type: 'image/jpeg' })).then((picture) => {
      if (stale) return
      target.width = picture.width
      target.height = picture.height
      target.getContext('2d')?.drawImage(picture, 0, 0)
    })
    return () => {
      stale = true
    }
  }, [jpeg])
  const seen = probed?.seen
  return (
    <figure className="probe-picture">
      <div
        className="picture rule-stage"
        style={{ aspectRatio: seen ? `${seen.width} / ${seen.height}` : '16 / 9' }}
      >
        <canvas ref={canvas} hidden={jpeg === null} role="img" aria-label={t('cameraNew.picture')} />
        {jpeg === null ? <p className="probe-nothing">{t('cameraNew.noPicture')}</p> : <Watermark />}
        {children}
      </div>
      <figcaption className="caption">
        {probed?.picture
          ? t('cameraNew.pictureOf', { at: formatFull(Date.parse(probed.picture.capturedAt), timezone) })
          : null}
      </figcaption>
    </figure>
  )
}
