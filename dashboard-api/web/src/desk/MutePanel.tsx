import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Segmented } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { muteAlert } from '../api/desk.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
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
  useKeys('keys.groups.mute', [{ codes: ['Escape'], shown: 'Esc', words: 'keys.close', run: onClose }], {
    exclusive: true,
  })
  return (
    <section className="panel" aria-label={t('mute.title')}>
      <p className="panel-title">
        {t('mute.until')} <Moment at={new Date(now + minutes * 60_000).toISOString()} />
      </p>
      <div className="panel-form">
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
        <div className="action-row">
          <Button type="primary" disabled={reason.trim() === ''} loading={mute.isPending} onClick={submit}>
            {t('mute.do')} <kbd>Ctrl</kbd> <kbd>Enter</kbd>
          </Button>
          <Button type="text" onClick={onClose}>
            {t('common.cancel')} <kbd>Esc</kbd>
          </Button>
        </div>
      </div>
      {mute.error ? <ProblemNotice what={t('mute.notDone')} error={mute.error} /> : null}
    </section>
  )
}
