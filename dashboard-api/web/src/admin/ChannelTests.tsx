import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { testChannel } from '../api/admin.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { ToldText } from '../parts/ToldText.tsx'
import type { Body } from './body.ts'
import { textOf } from './body.ts'

/** Sends a real message by a saved channel and shows what the other side answered. */
export function ChannelTests(props: { readonly department: string; readonly channels: readonly Body[] }) {
  const { t } = useTranslation()
  const { department, channels } = props
  if (channels.length === 0) return null
  return (
    <section className="admin-owner" aria-label={t('admin.test.title')}>
      <h3>{t('admin.test.title')}</h3>
      <p className="caption">{t('admin.test.lead')}</p>
      <ul className="version-list">
        {channels.map((channel, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a channel is its place, as the test and the file count it
          <ChannelTest key={index} {...{ department, channel }} place={index + 1} />
        ))}
      </ul>
    </section>
  )
}

function ChannelTest(props: { readonly department: string; readonly channel: Body; readonly place: number }) {
  const { t, i18n } = useTranslation()
  const { department, channel, place } = props
  const kind = `admin.channelKind.${textOf(channel.kind)}`
  const offline = useConnection().kind === 'offline'
  const test = useMutation({ mutationFn: () => testChannel(department, place) })
  return (
    <li>
      <div className="action-row">
        <span className="break">
          {t('admin.channelNo', { n: place })} · {i18n.exists(kind) ? t(kind) : textOf(channel.kind)}
        </span>
        <Button
          size="small"
          loading={test.isPending}
          disabled={offline}
          aria-label={t('admin.test.sendNo', { n: place })}
          onClick={() => test.mutate()}
        >
          {t('admin.test.send')}
        </Button>
      </div>
      {test.error ? <ProblemNotice what={t('admin.test.notSent', { n: place })} error={test.error} /> : null}
      <ul role="status">
        {(test.data ?? []).map((answer) => (
          <li key={answer.recipient} className={answer.delivered ? 'break' : 'break failed'}>
            {t(answer.delivered ? 'admin.test.delivered' : 'admin.test.failed', {
              ...{ recipient: answer.recipient, code: answer.code, ms: answer.tookMs },
            })}
            {answer.error ? (
              <ToldText
                area="told.notification"
                told={{ code: answer.code, facts: {} }}
                text={answer.error}
              />
            ) : null}
          </li>
        ))}
      </ul>
    </li>
  )
}
