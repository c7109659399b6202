import { useTranslation } from 'react-i18next'
import type { AlertGroup } from '../../../../core/api/desk.ts'
import { stillUrl } from '../api/alerts.ts'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { Age } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'
import { placeText, useTypeName } from '../words/names.ts'

const SEVERITIES = [1, 2, 3, 4] as const

/** The newest picture, the worst severity, how many, and the ages of the newest and the oldest. */
export function GroupRow({ group }: { readonly group: AlertGroup }) {
  const { t } = useTranslation()
  const typeName = useTypeName()
  const label = useLabel()
  const { newest, n, severities, rules } = group
  const camera = label(newest.cameraName)
  const worst = SEVERITIES.find((severity) => severities[severity] > 0) ?? newest.severity
  return (
    <>
      <div className="row-thumb">
        {newest.still === 'ready' ? (
          <img src={stillUrl(newest.id, 'thumb')} alt="" loading="lazy" decoding="async" />
        ) : (
          <span>{t(`picture.${newest.still}`)}</span>
        )}
      </div>
      <div className="row-main">
        <div className="row-line">
          <SeverityChip severity={worst} />
          <strong className="clip-text">{typeName(newest.type)}</strong>
          <strong className="num count">×{n}</strong>
          <span className="row-age">
            <Age at={group.lastAt} />
          </span>
        </div>
        <div className="row-place clip-text" title={`${camera} · ${placeText(newest.place, null)}`}>
          {placeText(newest.place, camera)}
        </div>
        <div className="row-line row-tags">
          <span className="tag num">
            {t('groups.since')} <Age at={group.firstAt} />
          </span>
          {rules > 1 ? <span className="tag num">{t('groups.rules', { n: rules })}</span> : null}
        </div>
      </div>
    </>
  )
}
