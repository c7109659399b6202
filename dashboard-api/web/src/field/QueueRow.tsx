import { useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { ApiError } from '../api/problem.ts'
import type { CaseItem } from '../api/types.ts'
import { useProblemText } from '../parts/problem-text.ts'
import { useLabel } from '../words/language.ts'
import { placeText, useTypeName } from '../words/names.ts'
import { progress, sending } from './queue/progress.ts'
import type { KeptProblem, Work } from './store/types.ts'
import { dropWork, renewWork } from './store/work.ts'
import { kindOfTask } from './tasks.ts'
import { useOnline, usePhotos } from './use-field.ts'

/** One report that waits: how it stands, why it does not go, and what can be done. */
export function QueueRow({
  work,
  item,
  onSend,
}: {
  readonly work: Work
  /** The task as it is now; undefined: it is no task of this person any more. */
  readonly item: CaseItem | undefined
  readonly onSend: () => void
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const typeName = useTypeName()
  const label = useLabel()
  const problem = useProblemText()
  const online = useOnline()
  const [asking, setAsking] = useState(false)
  const { work: going, login } = useSyncExternalStore(sending.subscribe, sending.get)
  const now = useSyncExternalStore(progress.subscribe, progress.get)
  const photos = usePhotos(work.id).data ?? []
  const isGoing = going === work.id
  const share = isGoing && now && photos.some(({ id }) => id === now.photo) ? now.share : null
  const state = isGoing
    ? 'sending'
    : work.state !== 'waiting'
      ? work.state
      : login
        ? 'login'
        : online
          ? 'waiting'
          : 'saved'
  const again = item && kindOfTask(item) === work.kind
  const edit = async () => {
    const next = await renewWork(work.id, {
      state: 'draft',
      asRemark: false,
      version: item?.version ?? work.version,
    })
    if (next) await navigate(`/field/${work.no}`)
  }
  const asRemark = async () => {
    await renewWork(work.id, { state: 'waiting', asRemark: true })
    onSend()
  }
  return (
    <li>
      <p>
        <strong>
          {typeName(work.matter.type)} · {t(work.asRemark ? 'log.remark' : `move.${work.kind}`)}
        </strong>{' '}
        <span className="num caption">{work.no}</span>
      </p>
      <bdi className="field-place clamp">
        {placeText(work.matter.place, work.matter.cameraName ? label(work.matter.cameraName) : null)}
      </bdi>
      {work.note ? <p className="field-words clamp">{work.note}</p> : null}
      <p role="status" data-state={state} className="field-state">
        {t(`field.state.${state}`)}
        {photos.length > 0
          ? ` · ${t('field.photosDone', { done: photos.filter(({ attachment }) => attachment).length, all: photos.length })}`
          : ''}
        {share === null ? '' : ` · ${Math.round(share * 100)} %`}
      </p>
      {work.problem && !isGoing ? <p className="field-why">{problem(asError(work.problem))}</p> : null}
      <div className="field-actions">
        {work.state === 'waiting' ? (
          <button type="button" disabled={isGoing} onClick={onSend}>
            {t('common.retry')}
          </button>
        ) : null}
        {again && work.state !== 'waiting' ? (
          <button type="button" onClick={() => void edit()}>
            {t('field.edit')}
          </button>
        ) : null}
        {work.state === 'conflict' && work.note.trim() !== '' ? (
          <button type="button" onClick={() => void asRemark()}>
            {t('field.asRemark')}
          </button>
        ) : null}
        {asking ? (
          <>
            <span>{t('field.reallyDelete')}</span>
            <button type="button" data-kind="danger" onClick={() => void dropWork(work.id)}>
              {t('field.deleteNow')}
            </button>
            <button type="button" onClick={() => setAsking(false)}>
              {t('common.cancel')}
            </button>
          </>
        ) : (
          <button type="button" disabled={isGoing} onClick={() => setAsking(true)}>
            {t('field.delete')}
          </button>
        )}
      </div>
    </li>
  )
}

const asError = ({ status, code, detail, number, details }: KeptProblem): ApiError =>
  new ApiError(status, code, detail, {
    ...{ type: '', title: code, status, code },
    ...(number === null ? {} : { instance: number }),
    ...(details ? { details: { ...details } } : {}),
  })
