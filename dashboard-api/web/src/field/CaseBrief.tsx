import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { attachmentUrl, caseQuery } from '../api/cases.ts'
import { actorName } from '../parts/actor-name.ts'
import { formatStamp } from '../time/format.ts'
import { useNow } from '../time/use-now.ts'
import type { WorkKind } from './store/types.ts'
import { useField } from './use-field.ts'

const NOTED = ['file', 'report', 'verify', 'remark']
const PHOTOS = 12

/** What was written of the case before; pictures are opened one by one, for every opening is written down. */
export function CaseBrief({ no, kind }: { readonly no: string; readonly kind: WorkKind | null }) {
  const { t } = useTranslation()
  const now = useNow()
  const { timezone } = useField().session.city
  const [shown, setShown] = useState<string | null>(null)
  const { data } = useQuery({ ...caseQuery(no), networkMode: 'always', retry: false })
  if (!data) return null
  const notes = data.log
    .filter((entry) => NOTED.includes(entry.kind) && typeof entry.data.note === 'string')
    .slice(-3)
  return (
    <section className="field-brief">
      {notes.map((entry) => (
        <div key={entry.seq}>
          <p className="caption">
            {t(`log.${entry.kind}`)} · {actorName(t, entry.actor, entry.actorKind)} ·{' '}
            {formatStamp(Date.parse(entry.at), now, timezone)}
          </p>
          <p className="field-words">{String(entry.data.note)}</p>
        </div>
      ))}
      {kind === 'verify' && data.attachments.length > 0 ? (
        <div className="field-actions">
          {data.attachments.slice(-PHOTOS).map((photo, index) => (
            <button
              key={photo.id}
              type="button"
              aria-expanded={shown === photo.id}
              onClick={() => setShown(shown === photo.id ? null : photo.id)}
            >
              {t('field.photoNo', { n: index + 1 })} {photo.phase ? t(`field.${photo.phase}`) : ''}
            </button>
          ))}
        </div>
      ) : null}
      {shown ? <img src={attachmentUrl(no, shown)} alt={t('field.photoAlt', { no })} /> : null}
    </section>
  )
}
