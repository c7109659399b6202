import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { commandCase } from '../api/cases.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { submitOnCtrlEnter } from '../parts/submit.ts'
import { type LastAct, lastAct } from './last-verdict.ts'

export interface VoidFiledProps {
  readonly act: Extract<LastAct, { kind: 'filed' }>
  readonly open: boolean
  readonly onOpen: (open: boolean) => void
}

/** A filing is not undone: it is voided, with a reason that the departments are told. */
export function VoidFiled({ act, open, onOpen }: VoidFiledProps) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const voiding = useMutation({
    mutationFn: () => commandCase(act.no, { kind: 'void', version: act.version, reason: reason.trim() }),
    onSuccess: () => lastAct.set(null),
    onSettled: () =>
      Promise.all(
        ['alert', 'alerts', 'case', 'cases'].map((family) =>
          client.invalidateQueries({ queryKey: [family] }),
        ),
      ),
  })
  useKeys(
    'keys.groups.file',
    [{ codes: ['Escape'], shown: 'Esc', words: 'keys.close', run: () => onOpen(false) }],
    {
      active: open,
      exclusive: true,
    },
  )
  const submit = () => {
    if (reason.trim() && !voiding.isPending) voiding.mutate()
  }
  if (!open) {
    return (
      <>
        <Link to={`/cases/${encodeURIComponent(act.no)}`}>{t('alert.openCase', { no: act.no })}</Link>
        <Button onClick={() => onOpen(true)}>{t('undo.void')}</Button>
      </>
    )
  }
  return (
    <div className="undo-form">
      <Input
        autoFocus
        maxLength={200}
        aria-label={t('undo.voidReason')}
        placeholder={t('undo.voidReason')}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        onKeyDown={submitOnCtrlEnter(submit)}
      />
      <Button type="primary" disabled={reason.trim() === ''} loading={voiding.isPending} onClick={submit}>
        {t('undo.void')}
      </Button>
      <Button onClick={() => onOpen(false)}>{t('common.cancel')}</Button>
      {voiding.error ? (
        <ProblemNotice what={t('undo.notVoided', { no: act.no })} error={voiding.error} />
      ) : null}
    </div>
  )
}
