import { useTranslation } from 'react-i18next'
import { clipUrl, stillUrl } from '../api/alerts.ts'
import { attachmentUrl } from '../api/cases.ts'
import type { AlertDetail, CaseDetail } from '../api/types.ts'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'

interface Props {
  readonly at: string
  readonly uploaded: ReadonlySet<string>
  readonly detail: CaseDetail | null
  readonly alert: AlertDetail | null
}

/** Stills, films and photos that were there at this moment; what was taken later is not shown. */
export function MomentPictures({ at, uploaded, detail, alert }: Props) {
  const { t } = useTranslation()
  const label = useLabel()
  const pictures = (alert?.pictures ?? []).filter(
    ({ capturedAt }) => capturedAt !== null && Date.parse(capturedAt) <= Date.parse(at),
  )
  const photos = (detail?.attachments ?? []).filter(({ id }) => uploaded.has(id))
  if (pictures.length + photos.length === 0) return <p className="caption">{t('replay.noPictures')}</p>
  return (
    <ul className="photos">
      {alert
        ? pictures.map(({ camera, cameraName, kind, state, capturedAt }) => (
            <li key={`${camera} ${kind}`}>
              {state !== 'ready' ? (
                <span className="row-thumb">{t('replay.gonePicture')}</span>
              ) : kind === 'still' ? (
                <a href={stillUrl(alert.id, 'full', camera)} target="_blank" rel="noreferrer">
                  <img
                    src={stillUrl(alert.id, 'thumb', camera)}
                    alt={t('nearby.alt', { camera: label(cameraName) })}
                  />
                </a>
              ) : (
                <a className="film-link" href={clipUrl(alert.id, camera)} target="_blank" rel="noreferrer">
                  ▶ {t('picture.clip')}
                </a>
              )}
              <span className="caption">
                {label(cameraName)} {capturedAt ? <Moment at={capturedAt} /> : null}
              </span>
            </li>
          ))
        : null}
      {detail
        ? photos.map((item) => (
            <li key={item.id}>
              <a href={attachmentUrl(detail.no, item.id)} target="_blank" rel="noreferrer">
                <img
                  src={attachmentUrl(detail.no, item.id)}
                  alt={t('attachments.alt', { name: item.name ?? item.id, by: item.by })}
                  loading="lazy"
                />
              </a>
              <span className="caption">
                {item.by} · <Moment at={item.at} />
              </span>
            </li>
          ))
        : null}
    </ul>
  )
}
