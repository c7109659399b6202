import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Select } from 'antd'
import { type Dispatch, type SetStateAction, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keepRecording } from '../api/recordings.ts'
import type { CameraItem } from '../api/types.ts'
import { Field } from '../parts/Field.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { submitOnCtrlEnter } from '../parts/submit.ts'
import { useSession } from '../session/session.ts'
import { formatSpan } from '../time/format.ts'
import { useLabel, useLanguage } from '../words/language.ts'
import { formatExact } from './clock.ts'

type Range = { from: number | null; to: number | null }

interface Props {
  readonly cameras: readonly CameraItem[]
  readonly range: Range
  readonly onRange: Dispatch<SetStateAction<Range>>
  readonly caseNo: string | null
}

/** Keeps the chosen range as evidence; what was typed stays when it fails. */
export function KeepPanel({ cameras, range, onRange, caseNo }: Props) {
  const { t } = useTranslation()
  const label = useLabel()
  const language = useLanguage()
  const { timezone } = useSession().city
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const [no, setNo] = useState(caseNo ?? '')
  const [chosen, setChosen] = useState<string | null>(null)
  const camera = cameras.find((one) => one.id === chosen) ?? cameras[0]
  const keep = useMutation({
    mutationFn: ({ id, from, to }: { id: string; from: number; to: number }) =>
      keepRecording(id, {
        ...{ from: new Date(from).toISOString(), to: new Date(to).toISOString(), reason: reason.trim() },
        ...(no.trim() ? { caseNo: no.trim() } : {}),
      }),
    onSuccess: (_kept, { id }) => {
      setReason('')
      onRange({ from: null, to: null })
      void queries.invalidateQueries({ queryKey: ['kept', id] })
    },
  })
  const { from, to } = range
  if ((from === null && to === null) || !camera) return null
  const whole = from !== null && to !== null && from < to
  const ready = whole && reason.trim().length >= 2 && !keep.isPending
  const submit = () => {
    if (ready) keep.mutate({ id: camera.id, from, to })
  }
  const time = (at: number | null) => (at === null ? '—' : formatExact(at, timezone))
  return (
    <section className="keep-panel" aria-label={t('history.keep')}>
      <h2>{t('history.keep')}</h2>
      <p className="num">
        {time(from)} – {time(to)}
        {whole ? ` · ${formatSpan(to - from, language)}` : null}
      </p>
      {whole ? null : <p className="caption">{t('history.rangeHint')}</p>}
      <div className="keep-fields">
        {cameras.length > 1 ? (
          <Field label={t('history.camera')}>
            {(id) => (
              <Select
                id={id}
                value={camera.id}
                onChange={setChosen}
                options={cameras.map((one) => ({ value: one.id, label: label(one.name) }))}
              />
            )}
          </Field>
        ) : null}
        <Field label={t('history.keepWhy')}>
          {(id) => (
            <Input
              id={id}
              value={reason}
              maxLength={500}
              onChange={(event) => setReason(event.target.value)}
              onKeyDown={submitOnCtrlEnter(submit)}
            />
          )}
        </Field>
        <Field label={t('history.keepCase')}>
          {(id) => (
            <Input
              id={id}
              value={no}
              placeholder="2026-000123"
              onChange={(event) => setNo(event.target.value)}
              onKeyDown={submitOnCtrlEnter(submit)}
            />
          )}
        </Field>
      </div>
      {keep.error ? (
        <ProblemNotice what={t('history.notKept', { name: label(camera.name) })} error={keep.error} />
      ) : null}
      <div className="keep-buttons">
        <Button type="primary" disabled={!ready} loading={keep.isPending} onClick={submit}>
          {t('history.keepNow')}
        </Button>
        <Button onClick={() => onRange({ from: null, to: null })}>{t('common.cancel')}</Button>
      </div>
    </section>
  )
}
