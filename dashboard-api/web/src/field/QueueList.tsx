import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import type { CaseItem } from '../api/types.ts'
import { QueueRow } from './QueueRow.tsx'
import { sending } from './queue/progress.ts'
import type { Work } from './store/types.ts'

/** 待上传: everything that the server does not have yet, each with its state. */
export function QueueList({
  queued,
  tasks,
  onSend,
}: {
  readonly queued: readonly Work[]
  readonly tasks: readonly CaseItem[]
  readonly onSend: () => void
}) {
  const { t } = useTranslation()
  const { leftOut, sentAt } = useSyncExternalStore(sending.subscribe, sending.get)
  return (
    <section aria-label={t('field.queue')} aria-live="polite">
      {sentAt !== null && queued.length === 0 ? (
        <p className="field-note" data-kind="good">
          {t('field.sent')} {leftOut > 0 ? t('field.leftOut', { n: leftOut }) : ''}
        </p>
      ) : null}
      {queued.length > 0 ? (
        <>
          <h2 className="field-pad">
            {t('field.queue')} <span className="num">{queued.length}</span>
          </h2>
          <ul className="field-queue">
            {queued.map((work) => (
              <QueueRow
                key={work.id}
                work={work}
                item={tasks.find(({ no }) => no === work.no)}
                onSend={onSend}
              />
            ))}
          </ul>
        </>
      ) : null}
    </section>
  )
}
