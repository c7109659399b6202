import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { byTimeLeft } from '../cases/time-left.ts'
import { LoadingShape } from '../parts/ListState.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { formatStamp } from '../time/format.ts'
import { useNow } from '../time/use-now.ts'
import { FieldMenu } from './FieldMenu.tsx'
import { Notices } from './Notices.tsx'
import { QueueList } from './QueueList.tsx'
import { TaskCard } from './TaskCard.tsx'
import { TaskPage } from './TaskPage.tsx'
import { useField, useTasks, useWork } from './use-field.ts'
import { useHere } from './use-here.ts'
import { useQueue } from './use-queue.ts'

/** 今日任务: what waits for this person, least time first; what waits on the phone; and one task when it is open. */
export function FieldPage() {
  const { t } = useTranslation()
  const { no } = useParams()
  const field = useField()
  const { session } = field
  const now = useNow()
  const tasks = useTasks(field)
  const work = useWork(session.name)
  const here = useHere()
  const queued = work.data?.filter(({ state }) => state !== 'draft') ?? []
  const send = useQueue(queued.filter(({ state }) => state === 'waiting').length)
  usePageTitle(no ?? t('field.title'))
  // Back from a task, the list is where it was.
  const scrolled = useRef(0)
  const [open, setOpen] = useState(no)
  useEffect(() => {
    if (no && !open) scrolled.current = scrollY
    if (!no && open) scrollTo(0, scrolled.current)
    setOpen(no)
  }, [no, open])

  const items = tasks.items && byTimeLeft(tasks.items)
  const item = items?.find((each) => each.no === no)
  if (no && item) return <TaskPage key={no} item={item} here={here.point} />
  return (
    <>
      <header className="field-head">
        <h1>
          {t('field.title')} <span className="num">{items?.length ?? ''}</span>
        </h1>
        <FieldMenu />
      </header>
      <main>
        <Notices keeping={work.error} tasks={tasks} />
        {no && items ? (
          <p className="field-note" role="status">
            {t('field.taskGone', { no })} <Link to="/field">{t('field.title')}</Link>
          </p>
        ) : null}
        <QueueList queued={queued} tasks={tasks.items ?? []} onSend={send} />
        <div className="field-tools">
          <button type="button" onClick={tasks.refresh}>
            {t('field.refresh')}
          </button>
          {here.ask ? (
            <button type="button" onClick={here.ask}>
              {t('field.showDistance')}
            </button>
          ) : null}
          <span className="caption">
            {tasks.at
              ? t('field.asOf', { at: formatStamp(Date.parse(tasks.at), now, session.city.timezone) })
              : ''}
          </span>
        </div>
        {here.refused ? <p className="caption field-pad">{t('field.noPlace')}</p> : null}
        {!items && !tasks.error ? <LoadingShape /> : null}
        {items?.length === 0 ? <p className="empty">{t('field.none')}</p> : null}
        <ul className="field-list">
          {items?.map((each) => (
            <TaskCard
              key={each.no}
              item={each}
              here={here.point}
              work={work.data?.filter((one) => one.no === each.no) ?? []}
            />
          ))}
        </ul>
      </main>
    </>
  )
}
