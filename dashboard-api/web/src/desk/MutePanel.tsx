import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Input, Segmented } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { muteAlert } from '../api/desk.ts'
import { AskPanel } from '../parts/AskPanel.tsx'
import { submitOnCtrlEnter } from '../parts/submit.ts'
import { Moment } from '../time/Moment.tsx'
import { serverClock } from '../time/server-clock.ts'
import { useNow } from '../time/use-now.ts'

const MINUTES = [15, 30, 60, 240, 720] as const

/** 暂缓至…: the alert comes back by itself; what it waits for is written down. */
export function MutePanel({ alert, onClose }: { readonly alert: string; readonly onClose: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const now = useNow()
  const [minutes, setMinutes] = useState<number>(30)
  const [reason, setReason] = useState('')
  const mute = useMutation({
    mutationFn: () =>
      muteAlert(alert, {
        until: new Date(serverClock.now() + minutes * 60_000).toISOString(),
        reason: reason.trim(),
      }),
    onSuccess: onClose,
    onSettled: () =>
      Promise.all(
        [['alert', alert], ['alerts'], ['desk'], ['groups']].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  })
  const submit = () => {
    if (reason.trim() && !mute.isPending) mute.mutate()
  }
  return (
    <AskPanel
      keys="keys.groups.mute"
      label="mute.title"
      title={
        <p className="panel-title">
          {t('mute.until')} <Moment at={new Date(now + minutes * 60_000).toISOString()} />
        </p>
      }
      action={{
        text: t('mute.do'),
        byKeys: true,
        disabled: reason.trim() === '',
        busy: mute.isPending,
        run: submit,
      }}
      onClose={onClose}
      failure={{ what: t('mute.notDone'), error: mute.error }}
    >
      <Segmented
        aria-label={t('mute.until')}
        value={minutes}
        onChange={setMinutes}
        options={MINUTES.map((value) => ({
          value,
          label: value < 60 ? t('mute.minutes', { n: value }) : t('mute.hours', { n: value / 60 }),
        }))}
      />
      <Input
        autoFocus
        maxLength={200}
        aria-label={t('mute.reason')}
        placeholder={t('mute.reason')}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        onKeyDown={submitOnCtrlEnter(submit)}
      />
    </AskPanel>
  )
}
