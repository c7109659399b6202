import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { withdrawVerdict } from '../api/desk.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { submitOnCtrlEnter } from '../parts/submit.ts'

/** Takes an older verdict back: what was sent about it is corrected, so it asks why. */
export function WithdrawPanel({ alert, onClose }: { readonly alert: string; readonly onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const withdraw = useMutation({
    mutationFn: () => withdrawVerdict(alert, reason.trim()),
    onSuccess: onClose,
    onSettled: () =>
      Promise.all(
        [['alert', alert], ['alerts'], ['desk']].map((queryKey) => client.invalidateQueries({ queryKey })),
      ),
  })
  const submit = () => {
    if (reason.trim() && !withdraw.isPending) withdraw.mutate()
  }
  useKeys('keys.groups.withdraw', [{ codes: ['Escape'], shown: 'Esc', words: 'keys.close', run: onClose }], {
    exclusive: true,
  })
  return (
    <section className="panel" aria-label={t('withdraw.title')}>
      <p className="panel-title">{t('withdraw.why')}</p>
      <div className="panel-form">
        <Input
          autoFocus
          maxLength={200}
          aria-label={t('withdraw.reason')}
          placeholder={t('withdraw.reason')}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          onKeyDown={submitOnCtrlEnter(submit)}
        />
        <div className="action-row">
          <Button
            type="primary"
            disabled={reason.trim() === ''}
            loading={withdraw.isPending}
            onClick={submit}
          >
            {t('withdraw.title')} <kbd>Ctrl</kbd> <kbd>Enter</kbd>
          </Button>
          <Button type="text" onClick={onClose}>
            {t('common.cancel')} <kbd>Esc</kbd>
          </Button>
        </div>
      </div>
      {withdraw.error ? <ProblemNotice what={t('withdraw.notDone')} error={withdraw.error} /> : null}
    </section>
  )
}
