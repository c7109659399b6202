import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { caseQuery } from '../api/cases.ts'
import { photoNeed } from '../cases/move-draft.ts'
import { PhotoField } from './PhotoField.tsx'
import { missingOf } from './queue/bodies.ts'
import type { Work } from './store/types.ts'
import { changeWork, renewWork } from './store/work.ts'
import { useField, useOnline, usePhotos } from './use-field.ts'

/** The step of a task. Every word is in the phone's database before the next one is typed. */
export function TaskForm({ draft }: { readonly draft: Work }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const online = useOnline()
  const { loggedOut, session } = useField()
  const [note, setNote] = useState(draft.note)
  const [passed, setPassed] = useState(draft.passed)
  const [unkept, setUnkept] = useState(false)
  // The page was ended while the camera was open: the camera's picture is lost, nothing else is.
  const [interrupted] = useState(draft.capturing !== null)
  const photos = usePhotos(draft.id).data ?? []
  const saving = useRef<Promise<unknown>>(Promise.resolve())
  const keep = (part: Partial<Work>): Promise<unknown> => {
    saving.current = saving.current
      .then(() => changeWork(draft.id, part))
      .then(
        () => setUnkept(false),
        () => setUnkept(true),
      )
    return saving.current
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for the draft that was found
  useEffect(() => {
    if (draft.capturing) void keep({ capturing: null })
  }, [draft.id])

  // As the page above has read it; without a network nobody knows, and the server has the last word.
  const { data: detail } = useQuery({ ...caseQuery(draft.no), networkMode: 'always', retry: false })
  const need = detail ? photoNeed(draft.kind, { attachments: [] }, detail, session.name) : null
  const missing = missingOf({ kind: draft.kind, note, passed }, photos.length, need)
  const submit = async () => {
    if (missing) return
    await keep({ note, passed })
    await renewWork(draft.id, { state: 'waiting', note: note.trim(), passed })
    await navigate('/field')
  }
  return (
    <form
      className="field-form"
      aria-label={t(`move.${draft.kind}`)}
      onSubmit={(event) => event.preventDefault()}
    >
      {interrupted ? (
        <p className="field-note" data-kind="warn" role="status">
          {t('field.interrupted')}
        </p>
      ) : null}
      {draft.kind === 'accept' ? <p>{t('moveHint.accept')}</p> : null}
      {draft.kind === 'verify' ? (
        <fieldset className="field-choice">
          <legend>{t('field.finding')}</legend>
          {[true, false].map((value) => (
            <label key={String(value)}>
              <input
                type="radio"
                name="passed"
                checked={passed === value}
                onChange={() => {
                  setPassed(value)
                  void keep({ passed: value })
                }}
              />
              {t(value ? 'log.passed' : 'log.failed')}
            </label>
          ))}
        </fieldset>
      ) : null}
      {draft.kind === 'report' ? (
        <PhotoField draft={draft} phase="before" photos={photos} keep={keep} />
      ) : null}
      {draft.kind !== 'accept' ? (
        <>
          <PhotoField draft={draft} phase="after" photos={photos} keep={keep} />
          <label className="field-label" htmlFor="field-note">
            {t('moveForm.note')}
          </label>
          <textarea
            id="field-note"
            rows={4}
            maxLength={4_000}
            value={note}
            onChange={(event) => {
              setNote(event.target.value)
              void keep({ note: event.target.value })
            }}
          />
          <p className="caption" role="status">
            {t('field.kept')}
          </p>
        </>
      ) : null}
      {unkept ? (
        <p className="field-note" data-kind="bad" role="alert">
          {t('field.notKept')}
        </p>
      ) : null}
      {missing ? <p className="caption">{t(`field.missing.${missing}`)}</p> : null}
      {!online || loggedOut ? <p className="caption">{t('field.willWait')}</p> : null}
      <button
        type="button"
        className="field-submit"
        disabled={missing !== null}
        onClick={() => void submit()}
      >
        {draft.kind === 'accept' ? t('move.accept') : t('field.submit')}
      </button>
    </form>
  )
}
