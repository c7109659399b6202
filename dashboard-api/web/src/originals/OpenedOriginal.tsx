import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { originalUrl, type Sealed } from '../api/originals.ts'

/** The unmasked picture, and its film when it is asked for. Both are looks. */
export function OpenedOriginal({
  sealed,
  reason,
}: {
  readonly sealed: Sealed
  readonly reason: string | null
}) {
  const { t } = useTranslation()
  const [film, setFilm] = useState(sealed.kind === 'recording')
  const [broken, setBroken] = useState<'still' | 'clip' | null>(null)
  return (
    <div className="original-open">
      <p className="failed">{t('originals.careful')}</p>
      {sealed.kind === 'recording' ? null : broken === 'still' ? (
        <p>{t('originals.noStill')}</p>
      ) : (
        <img
          src={originalUrl(sealed, 'still.jpg', reason)}
          alt={t('originals.alt')}
          onError={() => setBroken('still')}
        />
      )}
      {broken === 'clip' ? (
        <p>{t('originals.noClip')}</p>
      ) : film ? (
        <video
          src={originalUrl(sealed, 'clip.mp4', reason)}
          controls
          muted
          playsInline
          aria-label={t('originals.film')}
          onError={() => setBroken('clip')}
        />
      ) : (
        <Button onClick={() => setFilm(true)}>{t('originals.film')}</Button>
      )}
    </div>
  )
}
