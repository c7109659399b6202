import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { OriginalRequest } from '../../../../core/api/originals.ts'
import { decideOriginal, originalsQuery } from '../api/originals.ts'
import { OwnerLine } from '../evidence/OwnerLine.tsx'
import { useConnection } from '../live/LiveProvider.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { ReasonForm } from '../rules/ReasonForm.tsx'
import { Moment } from '../time/Moment.tsx'
import { OpenedOriginal } from './OpenedOriginal.tsx'

/** Every request, the newest first; what waits for this person comes before. */
export function RequestList({ items }: { readonly items: readonly OriginalRequest[] }) {
  const { t } = useTranslation()
  if (items.length === 0) return <p className="empty">{t('originals.none')}</p>
  const sorted = [...items.filter((item) => item.mayDecide), ...items.filter((item) => !item.mayDecide)]
  return (
    <ul className="original-requests" aria-label={t('originals.requests')}>
      {sorted.map((item) => (
        <Request key={item.id} item={item} />
      ))}
    </ul>
  )
}

function Request({ item }: { readonly item: OriginalRequest }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const offline = useConnection().kind === 'offline'
  const [open, setOpen] = useState<'approve' | 'refuse' | 'look' | null>(null)
  const decide = useMutation({
    mutationFn: (input: { approved: boolean; reason: string }) =>
      decideOriginal(item.id, input.approved, input.reason),
    onSettled: () => client.invalidateQueries({ queryKey: originalsQuery.queryKey }),
  })
  const toggle = (which: 'approve' | 'refuse' | 'look') => () => setOpen(open === which ? null : which)
  const sealed =
    item.kind === 'recording'
      ? ({ kind: 'recording', id: item.object } as const)
      : item.alert
        ? ({ kind: 'alert', id: item.alert } as const)
        : null
  return (
    <li>
      <OwnerLine owner={item.owner} />
      <div className="action-row">
        <strong>{t(`originals.state.${item.state}`)}</strong>
        <span className="break">{t('originals.askedBy', { who: item.requestedBy })}</span>
        <Moment at={item.requestedAt} />
        {item.state === 'pending' || item.state === 'approved' ? (
          <span className="caption">
            {t('originals.until')} <Moment at={item.expiresAt} />
          </span>
        ) : null}
      </div>
      <p className="break">{t('originals.because', { reason: item.reason })}</p>
      {item.decidedBy ? (
        <p className="break caption">
          {t('originals.decided', { who: item.decidedBy, reason: item.decisionReason ?? '' })}
        </p>
      ) : null}
      {item.mayDecide ? (
        <div className="action-row">
          <Button aria-expanded={open === 'approve'} onClick={toggle('approve')}>
            {t('originals.approve')}
          </Button>
          <Button aria-expanded={open === 'refuse'} onClick={toggle('refuse')}>
            {t('originals.refuse')}
          </Button>
        </div>
      ) : null}
      {item.mayOpen && sealed ? (
        <Button aria-expanded={open === 'look'} onClick={toggle('look')}>
          {t('originals.open')}
        </Button>
      ) : null}
      {item.mayOpen && open === 'look' && sealed ? <OpenedOriginal sealed={sealed} reason={null} /> : null}
      {item.mayDecide && (open === 'approve' || open === 'refuse') ? (
        <ReasonForm
          key={open}
          label={t('originals.whyDecide')}
          words={t(`originals.${open}`)}
          busy={decide.isPending}
          disabled={offline}
          onSend={(reason) =>
            decide.mutateAsync({ approved: open === 'approve', reason }).then(
              () => true,
              () => false,
            )
          }
        />
      ) : null}
      {decide.error ? <ProblemNotice what={t('originals.notDecided')} error={decide.error} /> : null}
    </li>
  )
}
