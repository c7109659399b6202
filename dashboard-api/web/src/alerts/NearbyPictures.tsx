import { useTranslation } from 'react-i18next'
import { clipUrl, stillUrl } from '../api/alerts.ts'
import type { AlertDetail } from '../api/types.ts'
import { ToldText } from '../parts/ToldText.tsx'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'

type Picture = AlertDetail['pictures'][number]

/** What other cameras showed when the alert began: those near the sensor whose limit was exceeded. */
export function NearbyPictures({ alert }: { readonly alert: AlertDetail }) {
  const { t } = useTranslation()
  const near = alert.pictures.filter(({ camera }) => camera !== alert.camera)
  const stills = near.filter(({ kind }) => kind === 'still')
  // A single one is the large picture already.
  if (stills.length === 0 || (stills.length === 1 && alert.still === 'ready')) return null
  return (
    <section aria-label={t('nearby.title')}>
      <h2>{t('nearby.title')}</h2>
      <div className="nearby">
        {stills.map((still) => (
          <Nearby
            key={still.camera}
            id={alert.id}
            still={still}
            clip={near.find(({ camera, kind }) => camera === still.camera && kind === 'clip') ?? null}
          />
        ))}
      </div>
    </section>
  )
}

function Nearby({
  id,
  still,
  clip,
}: {
  readonly id: string
  readonly still: Picture
  readonly clip: Picture | null
}) {
  const { t } = useTranslation()
  const label = useLabel()
  const name = label(still.cameraName)
  return (
    <figure>
      {still.state === 'ready' ? (
        <a href={stillUrl(id, 'full', still.camera)} target="_blank" rel="noreferrer">
          <div className="picture">
            <img src={stillUrl(id, 'thumb', still.camera)} alt={t('nearby.alt', { camera: name })} />
          </div>
        </a>
      ) : (
        <div className="picture picture-none">
          {t(`picture.${still.state}`)}
          <ToldText area="told.picture" told={still.why} text={still.error} />
        </div>
      )}
      <figcaption className="caption">
        {name}
        {still.capturedAt ? (
          <>
            {' · '}
            <Moment at={still.capturedAt} />
          </>
        ) : null}
        {clip ? (
          <>
            {' · '}
            {clip.state === 'ready' ? (
              <a href={clipUrl(id, still.camera)} target="_blank" rel="noreferrer">
                {t('clip.ready')}
              </a>
            ) : (
              t(`clip.${clip.state}`)
            )}
          </>
        ) : null}
      </figcaption>
    </figure>
  )
}
