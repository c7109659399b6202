import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { CaseItem } from '../api/types.ts'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { useLabel } from '../words/language.ts'
import { placeText, useTypeName } from '../words/names.ts'
import { CaseBrief } from './CaseBrief.tsx'
import { LeftText } from './LeftText.tsx'
import { formatDistance, geoUri, metresBetween } from './place.ts'
import { pointOf } from './point.ts'
import type { Work } from './store/types.ts'
import { openDraft } from './store/work.ts'
import { TaskForm } from './TaskForm.tsx'
import { kindOfTask } from './tasks.ts'
import { useField, useWork } from './use-field.ts'
import type { Here } from './use-here.ts'

/** One task: where it is, what is known, and the form of its step. */
export function TaskPage({ item, here }: { readonly item: CaseItem; readonly here: Here['point'] }) {
  const { t } = useTranslation()
  const typeName = useTypeName()
  const label = useLabel()
  const { session } = useField()
  const [draft, setDraft] = useState<Work | null>(null)
  const [failed, setFailed] = useState(false)
  const queued = useWork(session.name).data?.find((each) => each.no === item.no && each.state !== 'draft')
  const kind = kindOfTask(item)
  const waits = queued !== undefined
  useEffect(() => {
    if (!kind || waits) return
    openDraft(session.name, item, kind).then(setDraft, () => setFailed(true))
  }, [session.name, item, kind, waits])
  const at = pointOf(item.place)
  return (
    <>
      <header className="field-head">
        <Link className="field-back" to="/field">
          ‹ {t('field.title')}
        </Link>
        <span className="num caption">{item.no}</span>
      </header>
      <main className="field-task">
        <h1>
          <SeverityChip severity={item.severity} /> {typeName(item.type)}
        </h1>
        <address>
          <bdi className="field-place">
            {placeText(item.place, item.cameraName ? label(item.cameraName) : null)}
          </bdi>
        </address>
        <p className="field-card-facts">
          {here && at ? <span className="num">{formatDistance(metresBetween(here, at))}</span> : null}
          <LeftText due={item.due} />
        </p>
        {at ? (
          <a className="field-button" href={geoUri(at)}>
            {t('field.navigate')}
          </a>
        ) : (
          <p className="caption">{t('field.noPoint')}</p>
        )}
        <CaseBrief no={item.no} kind={kind} />
        {failed ? (
          <p className="field-note" data-kind="bad" role="alert">
            {t('field.noStore')}
          </p>
        ) : null}
        {waits ? (
          <p className="field-note" role="status">
            {t('field.alreadyQueued')} <Link to="/field">{t('field.queue')}</Link>
          </p>
        ) : null}
        {draft && !waits ? <TaskForm key={draft.id} draft={draft} /> : null}
      </main>
    </>
  )
}
