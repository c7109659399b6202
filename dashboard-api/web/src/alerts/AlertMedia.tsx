import { Segmented } from 'antd'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { clipUrl, stillUrl } from '../api/alerts.ts'
import type { AlertDetail } from '../api/types.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { OriginalAsk } from '../originals/OriginalAsk.tsx'
import { BoxOverlay } from '../parts/BoxOverlay.tsx'
import { ToldText } from '../parts/ToldText.tsx'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'
import { useTypeName } from '../words/names.ts'
import { ClipBoxes } from './ClipBoxes.tsx'
import { maskText } from './mask-text.ts'
import { stillBoxes } from './still-boxes.ts'

const SIDES = ['still', 'clip'] as const
type Side = (typeof SIDES)[number]

/** The masked still with what was found drawn over it, or the masked clip. */
export function AlertMedia({ alert }: { readonly alert: AlertDetail }) {
  const { t } = useTranslation()
  const [side, setSide] = useState<Side>('still')
  const turn = () => setSide((old) => (old === 'still' ? 'clip' : 'still'))
  useKeys('keys.groups.picture', [{ codes: ['Space'], shown: 'Space', words: 'keys.clip', run: turn }])
  return (
    <section className="media" aria-label={t('picture.title')}>
      <Segmented<Side>
        value={side}
        onChange={setSide}
        options={[
          { value: 'still', label: t('picture.still') },
          { value: 'clip', label: alert.clip === 'ready' ? t('picture.clip') : t(`clip.${alert.clip}`) },
        ]}
      />
      {side === 'still' ? <Still alert={alert} /> : <Clip alert={alert} />}
      <OriginalAsk alert={alert.id} />
    </section>
  )
}

function Still({ alert }: { readonly alert: AlertDetail }) {
  const { t } = useTranslation()
  const typeName = useTypeName()
  const label = useLabel()
  const [broken, setBroken] = useState(false)
  if (alert.still !== 'ready') {
    const own = alert.pictures.find(({ kind, camera }) => kind === 'still' && camera === alert.camera)
    return (
      <div className="picture picture-none">
        <p>{t(`picture.${alert.still}`)}</p>
        {own ? <ToldText area="told.picture" told={own.why} text={own.error} /> : null}
      </div>
    )
  }
  if (broken) return <div className="picture picture-none">{t('picture.broken')}</div>
  const { boxes, capturedAt: takenAt, drawnAt, size } = stillBoxes(alert, typeName(alert.type))
  // A sensor has no picture of its own: that of the nearest camera is shown, and named.
  const near = alert.pictures.find(
    (p) => p.kind === 'still' && p.state === 'ready' && p.camera !== alert.camera,
  )
  const other = takenAt === null && near ? near : null
  const capturedAt = takenAt ?? other?.capturedAt ?? null
  const zones = alert.zonePolygon
    ? [{ name: alert.zone ?? t('picture.zone'), polygon: alert.zonePolygon }]
    : []
  return (
    <figure>
      <div className="picture" style={size ? { aspectRatio: `${size.width} / ${size.height}` } : undefined}>
        <img
          src={stillUrl(alert.id, 'full')}
          alt={t('picture.alt', { type: typeName(alert.type) })}
          onError={() => setBroken(true)}
        />
        <BoxOverlay
          boxes={boxes}
          zones={zones}
          description={t('picture.overlay', { boxes: boxes.length, zones: zones.length })}
        />
      </div>
      <figcaption className="caption">
        {other ? `${label(other.cameraName)} · ` : null}
        {capturedAt ? (
          <>
            {t('picture.taken')} <Moment at={capturedAt} />
          </>
        ) : null}
        {drawnAt ? (
          <>
            {' · '}
            {t('picture.boxesOf')} <Moment at={drawnAt} />
          </>
        ) : null}
        {alert.stillMethod ? <MaskNote method={alert.stillMethod} /> : null}
      </figcaption>
    </figure>
  )
}

function Clip({ alert }: { readonly alert: AlertDetail }) {
  const { t } = useTranslation()
  const video = useRef<HTMLVideoElement>(null)
  const [broken, setBroken] = useState(false)
  if (alert.clip !== 'ready' || broken) {
    return (
      <div className="picture picture-none">
        <p>{broken ? t('clip.broken') : t(`clip.${alert.clip}`)}</p>
        {alert.clip === 'pending' && !broken ? <p className="caption">{t('clip.pendingWhy')}</p> : null}
        <ToldText area="told.picture" told={alert.clipWhy} text={alert.clipError} />
      </div>
    )
  }
  return (
    <figure>
      <div className="picture">
        <video
          ref={video}
          src={clipUrl(alert.id)}
          controls
          autoPlay
          muted
          loop
          playsInline
          onError={() => setBroken(true)}
        />
        <ClipBoxes alert={alert} video={video} />
      </div>
      <figcaption className="caption">
        {t('clip.note')}
        {alert.stillMethod ? <MaskNote method={alert.stillMethod} /> : null}
      </figcaption>
    </figure>
  )
}

/** What is pixelated, in words; the method's own name on hover. */
function MaskNote({ method }: { readonly method: string }) {
  const { t } = useTranslation()
  return (
    <>
      {' · '}
      <span title={method}>{maskText(method, t)}</span>
    </>
  )
}
