import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { withdrawVerdict } from '../api/desk.ts'
import { AskPanel } from '../parts/AskPanel.tsx'
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
  return (
    <AskPanel
      keys="keys.groups.withdraw"
      label="withdraw.title"
      title={<p className="panel-title">{t('withdraw.why')}</p>}
      action={{
        text: t('withdraw.title'),
        byKeys: true,
        disabled: reason.trim() === '',
        busy: withdraw.isPending,
        run: submit,
      }}
      onClose={onClose}
      failure={{ what: t('withdraw.notDone'), error: withdraw.error }}
    >
      <Input
        autoFocus
        maxLength={200}
        aria-label={t('withdraw.reason')}
        placeholder={t('withdraw.reason')}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        onKeyDown={submitOnCtrlEnter(submit)}
      />
    </AskPanel>
  )
}
