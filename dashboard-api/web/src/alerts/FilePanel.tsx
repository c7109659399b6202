import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fileCase } from '../api/cases.ts'
import type { AlertDetail } from '../api/types.ts'
import { lastAct } from '../desk/last-verdict.ts'
import { AskPanel } from '../parts/AskPanel.tsx'
import { submitOnCtrlEnter } from '../parts/submit.ts'
import { useDepartmentName } from '../parts/use-department-name.ts'
import { serverClock } from '../time/server-clock.ts'
import { useComma } from '../words/language.ts'

interface Props {
  readonly alert: AlertDetail
  readonly blocked: boolean
  readonly onClose: () => void
}

/** Filing cannot be undone and confirms an alert that nobody has judged, so both are shown before. */
export function FilePanel({ alert, blocked, onClose }: Props) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [note, setNote] = useState('')
  const file = useMutation({
    mutationFn: () => fileCase({ alertId: alert.id, ...(note.trim() ? { note: note.trim() } : {}) }),
    onSuccess: ({ no, version }) => {
      lastAct.set({ kind: 'filed', no, version, at: serverClock.now() })
      onClose()
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['alert', alert.id] }),
        client.invalidateQueries({ queryKey: ['alerts'] }),
        client.invalidateQueries({ queryKey: ['cases'] }),
      ]),
  })
  const submit = () => {
    if (!file.isPending && !blocked) file.mutate()
  }
  return (
    <AskPanel
      keys="keys.groups.file"
      label="alert.file"
      title={<Route alert={alert} />}
      action={{
        text: alert.verdict === 'confirmed' ? t('alert.file') : t('file.confirmAndFile'),
        disabled: blocked,
        busy: file.isPending,
        run: submit,
      }}
      onClose={onClose}
      failure={{ what: t('file.notFiled'), error: file.error }}
    >
      <Input.TextArea
        rows={1}
        autoSize={{ minRows: 1, maxRows: 5 }}
        maxLength={4000}
        aria-label={t('file.note')}
        placeholder={t('file.note')}
        value={note}
        onChange={(event) => setNote(event.target.value)}
        onKeyDown={submitOnCtrlEnter(submit)}
      />
    </AskPanel>
  )
}

function Route({ alert }: { readonly alert: AlertDetail }) {
  const { t } = useTranslation()
  const comma = useComma()
  const name = useDepartmentName()
  const { route } = alert
  if (!route) return <p className="panel-title">{t('file.noRoute')}</p>
  return (
    <p className="panel-title">
      {t('file.goesTo')} <strong>{name(route.lead)}</strong>
      {route.assist.length > 0
        ? ` · ${t('file.assist', { names: route.assist.map(name).join(comma) })}`
        : null}
      {route.reachable ? null : <span className="failed"> · {t('file.unreachable')}</span>}
    </p>
  )
}
