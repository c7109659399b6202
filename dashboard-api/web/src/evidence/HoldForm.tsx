import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Owner, placeHold, releaseHold } from '../api/evidence.ts'
import { Field } from '../parts/Field.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { submitOnCtrlEnter } from '../parts/submit.ts'

interface Props {
  readonly owner: Owner
  /** Id of the hold to release; absent: a new one is placed. */
  readonly release?: string
  readonly onClose: () => void
}

/** Asks for the reason; what was typed stays when the server refuses. */
export function HoldForm({ owner, release, onClose }: Props) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const words = reason.trim()
  const save = useMutation({
    mutationFn: async () => {
      if (release !== undefined) return releaseHold(owner, release, words)
      return placeHold(owner, words)
    },
    onSuccess: (placed) => {
      const gone = placed && typeof placed === 'object' && 'gone' in placed ? Number(placed.gone) : 0
      if (gone === 0) onClose()
    },
    onSettled: () =>
      Promise.all(
        [owner.kind === 'recording' ? ['kept'] : [owner.kind, owner.id], ['holds']].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  })
  const gone = save.data && typeof save.data === 'object' && 'gone' in save.data ? Number(save.data.gone) : 0
  const submit = () => {
    if (words.length >= 2 && !save.isPending && !save.isSuccess) save.mutate()
  }
  if (gone > 0) {
    return (
      <p className="failed" role="alert">
        {t('evidence.gone', { n: gone })} <Button onClick={onClose}>{t('evidence.seen')}</Button>
      </p>
    )
  }
  return (
    <fieldset className="panel-form no-print" onKeyDown={submitOnCtrlEnter(submit)}>
      <p className="caption">
        {t(release === undefined ? `evidence.holdHint.${owner.kind}` : 'evidence.releaseHint')}
      </p>
      <Field label={t('moveForm.reason')}>
        {(id) => (
          <Input.TextArea
            id={id}
            autoFocus
            rows={2}
            maxLength={2_000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
      {save.error ? <ProblemNotice what={t('evidence.holdNotSaved')} error={save.error} /> : null}
      <div className="action-row">
        <Button type="primary" disabled={words.length < 2} loading={save.isPending} onClick={submit}>
          {t(release === undefined ? 'evidence.hold' : 'evidence.release')} <kbd>Ctrl</kbd> <kbd>Enter</kbd>
        </Button>
        <Button type="text" onClick={onClose}>
          {t('common.cancel')}
        </Button>
        {words.length < 2 ? <span className="caption">{t('missing.words')}</span> : null}
      </div>
    </fieldset>
  )
}
