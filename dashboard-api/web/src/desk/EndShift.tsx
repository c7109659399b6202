import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Input, Modal } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { deskQuery, endShift, openMattersQuery } from '../api/desk.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { Field } from '../parts/Field.tsx'
import { LoadingShape } from '../parts/ListState.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { submitOnCtrlEnter } from '../parts/submit.ts'
import { OpenList } from './OpenList.tsx'

export interface EndShiftProps {
  readonly open: boolean
  readonly onClose: () => void
}

/** 交接班: what is open is shown and kept with the note; the next one has to take it. What was typed stays. */
export function EndShift({ open, onClose }: EndShiftProps) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [note, setNote] = useState('')
  const matters = useQuery({ ...openMattersQuery, enabled: open })
  const end = useMutation({
    mutationFn: () => endShift(note.trim()),
    onSuccess: () => {
      setNote('')
      onClose()
    },
    onSettled: () => client.invalidateQueries({ queryKey: deskQuery.queryKey }),
  })
  useKeys('keys.groups.global', [], { active: open, exclusive: true })
  const submit = () => {
    if (note.trim() && !end.isPending) end.mutate()
  }
  return (
    <Modal
      title={t('shift.handOver')}
      open={open}
      onCancel={onClose}
      onOk={submit}
      okText={t('shift.end')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: note.trim() === '', loading: end.isPending }}
      width={640}
    >
      {matters.isPending ? <LoadingShape rows={3} /> : null}
      {matters.error ? (
        <ProblemNotice
          what={t('common.notLoaded', { what: t('openMatters.title') })}
          error={matters.error}
          onRetry={() => void matters.refetch()}
        />
      ) : null}
      {matters.data ? <OpenList open={matters.data} /> : null}
      <Field label={t('shift.note')}>
        {(id) => (
          <Input.TextArea
            id={id}
            rows={4}
            maxLength={4_000}
            value={note}
            onChange={(event) => setNote(event.target.value)}
            onKeyDown={submitOnCtrlEnter(submit)}
          />
        )}
      </Field>
      {end.error ? <ProblemNotice what={t('shift.notEnded')} error={end.error} /> : null}
    </Modal>
  )
}
