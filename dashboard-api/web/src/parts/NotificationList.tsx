import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { retryNotification } from '../api/alerts.ts'
import type { NotificationItem } from '../api/types.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { hasRole, useSession } from '../session/session.ts'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'
import { ProblemNotice } from './ProblemNotice.tsx'
import { ToldText } from './ToldText.tsx'
import { useChannelName } from './told.ts'

/** Who was told, by which channel, and whether it arrived. A failed one is red, and an operator can send it again. */
export function NotificationList({ items }: { readonly items: readonly NotificationItem[] }) {
  return (
    <ul className="notifications">
      {items.map((item) => (
        <NotificationRow key={item.id} item={item} />
      ))}
    </ul>
  )
}

function NotificationRow({ item }: { readonly item: NotificationItem }) {
  const { t, i18n } = useTranslation()
  const label = useLabel()
  const channelName = useChannelName()
  const client = useQueryClient()
  const offline = useConnection().kind === 'offline'
  const operator = hasRole(useSession(), 'operator')
  const retry = useMutation({
    mutationFn: () => retryNotification(item.id),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['alert'] }),
        client.invalidateQueries({ queryKey: ['case'] }),
      ]),
  })
  const [step = ''] = item.step.split(':')
  const stepKey = `notification.step.${step}`
  return (
    <li data-state={item.state}>
      <div>
        <strong>{label(item.departmentName)}</strong> · {channelName(item.channel)} ·{' '}
        {i18n.exists(stepKey) ? t(stepKey) : item.step}
      </div>
      <div className={item.state === 'dead' ? 'failed' : 'caption'}>
        {t(`notification.state.${item.state}`)}{' '}
        {item.sentAt ? <Moment at={item.sentAt} /> : <Moment at={item.createdAt} />}
        {item.attempt > 1 ? ` · ${t('notification.attempts', { n: item.attempt })}` : null}
        {item.possibleDuplicates > 0
          ? ` · ${t('notification.duplicates', { n: item.possibleDuplicates })}`
          : null}
        {item.state === 'queued' && item.attempt > 0 && item.nextAttemptAt ? (
          <>
            {' · '}
            {t('notification.next')} <Moment at={item.nextAttemptAt} />
          </>
        ) : null}
        {item.error ? (
          <ToldText
            area="told.notification"
            told={item.providerCode === null ? null : { code: item.providerCode, facts: {} }}
            text={item.error}
          />
        ) : null}
      </div>
      {item.state === 'dead' && operator ? (
        <Button
          size="small"
          danger
          disabled={offline}
          loading={retry.isPending}
          onClick={() => retry.mutate()}
        >
          {t('notification.retry')}
        </Button>
      ) : null}
      {retry.error ? <ProblemNotice what={t('notification.notRetried')} error={retry.error} /> : null}
    </li>
  )
}
