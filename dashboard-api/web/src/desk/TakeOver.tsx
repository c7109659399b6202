import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Modal } from 'antd'
import { useTranslation } from 'react-i18next'
import type { Shift } from '../../../../core/api/desk.ts'
import { deskQuery, takeShift } from '../api/desk.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { Moment } from '../time/Moment.tsx'
import { OpenList } from './OpenList.tsx'

export interface TakeOverProps {
  readonly open: boolean
  readonly handovers: readonly Shift[]
  /** Begins the shift with what was read; null: the reader is on duty already, and only takes. */
  readonly onTaken: ((ids: readonly string[]) => void) | null
  readonly onClose: () => void
}

/** The hand-overs that wait, to be read and taken: who took them, and when, is in the log. */
export function TakeOver({ open, handovers, onTaken, onClose }: TakeOverProps) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const take = useMutation({
    mutationFn: async () => {
      for (const { id } of handovers) await takeShift(id)
    },
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: deskQuery.queryKey }),
  })
  useKeys('keys.groups.global', [], { active: open, exclusive: true })
  return (
    <Modal
      title={t('shift.takeOver')}
      open={open}
      onCancel={onClose}
      onOk={() => (onTaken ? onTaken(handovers.map(({ id }) => id)) : take.mutate())}
      okText={t('shift.take')}
      cancelText={t('common.cancel')}
      okButtonProps={{ loading: take.isPending }}
      width={640}
    >
      {handovers.map(({ id, who, startedAt, endedAt, note, open: matters }) => (
        <section key={id} className="handover">
          <h2>
            {who} · <Moment at={startedAt} /> – {endedAt ? <Moment at={endedAt} /> : null}
          </h2>
          <p className="handover-note">{note}</p>
          {matters ? <OpenList open={matters} /> : null}
        </section>
      ))}
      {take.error ? <ProblemNotice what={t('shift.notTaken')} error={take.error} /> : null}
    </Modal>
  )
}
