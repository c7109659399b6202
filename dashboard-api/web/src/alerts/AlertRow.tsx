import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { stillUrl } from '../api/alerts.ts'
import type { AlertItem } from '../api/types.ts'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { Age } from '../time/Moment.tsx'
import { useComma, useLabel } from '../words/language.ts'
import { placeText, useTypeName } from '../words/names.ts'
import { AlertTags } from './AlertTags.tsx'

interface Props {
  readonly alert: AlertItem
  /** Others who have it open. */
  readonly looking?: readonly string[] | undefined
}

/**
 * Chip, type, place, count, age, thumbnail, who is looking. Height is fixed (see ROW_HEIGHT of AlertList). In a flood the list is
 * read each second, and most rows say what they said before.
 */
export const AlertRow = memo(
  AlertRowContent,
  (before, after) => JSON.stringify(before) === JSON.stringify(after),
)

function AlertRowContent({ alert, looking = [] }: Props) {
  const { t } = useTranslation()
  const comma = useComma()
  const typeName = useTypeName()
  const label = useLabel()
  const camera = label(alert.cameraName)
  return (
    <>
      <div className="row-thumb">
        {alert.still === 'ready' ? (
          <img src={stillUrl(alert.id, 'thumb')} alt="" loading="lazy" decoding="async" />
        ) : (
          <span>{t(`picture.${alert.still}`)}</span>
        )}
      </div>
      <div className="row-main">
        <div className="row-line">
          <SeverityChip severity={alert.severity} />
          <strong className="clip-text">{typeName(alert.type)}</strong>
          {alert.occurrences > 1 ? <span className="num count">×{alert.occurrences}</span> : null}
          <span className="row-age">
            <Age at={alert.startedAt} />
          </span>
        </div>
        <div className="row-place clip-text" title={`${camera} · ${placeText(alert.place, null)}`}>
          {placeText(alert.place, camera)}
          {alert.place.address && camera !== alert.place.address ? (
            <span className="caption"> · {camera}</span>
          ) : null}
        </div>
        <div className="row-line row-tags">
          {looking.length > 0 ? (
            <span className="tag tag-looking">{t('desk.looking', { who: looking.join(comma) })}</span>
          ) : null}
          <AlertTags alert={alert} />
        </div>
      </div>
    </>
  )
}
