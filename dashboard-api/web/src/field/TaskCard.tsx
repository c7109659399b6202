import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { CaseItem } from '../api/types.ts'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { useLabel } from '../words/language.ts'
import { placeText, useStateName, useTypeName } from '../words/names.ts'
import { LeftText } from './LeftText.tsx'
import { formatDistance, metresBetween } from './place.ts'
import { pointOf } from './point.ts'
import type { Work } from './store/types.ts'
import type { Here } from './use-here.ts'

/** One task: the whole card is the way into it. */
export function TaskCard({
  item,
  here,
  work,
}: {
  readonly item: CaseItem
  readonly here: Here['point']
  readonly work: readonly Work[]
}) {
  const { t } = useTranslation()
  const typeName = useTypeName()
  const stateName = useStateName()
  const label = useLabel()
  const at = pointOf(item.place)
  const draft = work.some(({ state }) => state === 'draft')
  const queued = work.some(({ state }) => state !== 'draft')
  return (
    <li>
      <Link className="field-card" to={`/field/${item.no}`}>
        <span className="field-card-head">
          <SeverityChip severity={item.severity} /> <strong>{typeName(item.type)}</strong>
          <span className="tag">{stateName(item.state)}</span>
          {queued ? <span className="tag tag-warn">{t('field.queuedTag')}</span> : null}
          {draft && !queued ? <span className="tag tag-open">{t('field.draftTag')}</span> : null}
        </span>
        <bdi className="field-place clamp">
          {placeText(item.place, item.cameraName ? label(item.cameraName) : null)}
        </bdi>
        <span className="field-card-facts">
          {here && at ? <span className="num">{formatDistance(metresBetween(here, at))}</span> : null}
          <LeftText due={item.due} />
          <span className="num caption">{item.no}</span>
        </span>
      </Link>
    </li>
  )
}
