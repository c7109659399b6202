import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { PlaceItem } from '../api/types.ts'
import { type Label, useLabel } from '../words/language.ts'

interface Props {
  readonly place: PlaceItem
  readonly camera: string | null
  readonly cameraName: Label | null
  readonly purpose: string | null
  /** `camera` is a sensor: there is nothing to look at live. */
  readonly isSensor?: boolean
}

export function PlaceFacts({ place, camera, cameraName, purpose, isSensor = false }: Props) {
  const { t } = useTranslation()
  const label = useLabel()
  return (
    <dl className="pairs">
      {place.address ? (
        <>
          <dt>{t('place.address')}</dt>
          <dd>{place.address}</dd>
        </>
      ) : null}
      {camera && isSensor ? (
        <>
          <dt>{t('place.sensor')}</dt>
          <dd>{cameraName ? label(cameraName) : camera}</dd>
        </>
      ) : null}
      {camera && !isSensor ? (
        <>
          <dt>{t('place.camera')}</dt>
          <dd>
            <Link to={`/cameras/${encodeURIComponent(camera)}`}>
              {cameraName ? label(cameraName) : camera} · {t('place.live')}
            </Link>
          </dd>
        </>
      ) : null}
      {place.grid ? (
        <>
          <dt>{t('place.grid')}</dt>
          <dd className="num">{place.grid}</dd>
        </>
      ) : null}
      {place.lon !== undefined && place.lat !== undefined ? (
        <>
          <dt>{t('place.point')}</dt>
          <dd className="num">
            {place.lon.toFixed(5)}, {place.lat.toFixed(5)} {place.datum ?? ''}
          </dd>
        </>
      ) : null}
      {purpose ? (
        <>
          <dt>{t('place.purpose')}</dt>
          <dd>{t(`purpose.${purpose}`)}</dd>
        </>
      ) : null}
    </dl>
  )
}
