import { Button, Input, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { Field } from '../parts/Field.tsx'
import type { Body } from './body.ts'
import { textOf, textsOf } from './body.ts'
import { channelText } from './use-value-text.ts'

const KINDS = ['webhook', 'email'] as const
const START: Readonly<Record<(typeof KINDS)[number], Body>> = {
  webhook: { kind: 'webhook', url: '', secretFile: '' },
  email: { kind: 'email', to: [] },
}

interface Props {
  readonly channels: readonly Body[]
  readonly readOnly: boolean
  readonly onChange: (channels: readonly Body[]) => void
}

/** How a department is told, the first channel first. A kind that this page does not know is kept as it is. */
export function ChannelFields({ channels, readOnly, onChange }: Props) {
  const { t } = useTranslation()
  const set = (place: number, part: Body) =>
    onChange(channels.map((channel, i) => (i === place ? { ...channel, ...part } : channel)))
  return (
    <fieldset className="admin-channels">
      <legend>{t('admin.channels')}</legend>
      {channels.length === 0 ? <p className="caption">{t('admin.noChannels')}</p> : null}
      {channels.map((channel, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a channel is its place, as the test and the file count it
        <fieldset key={place} className="admin-channel">
          <legend>{t('admin.channelNo', { n: place + 1 })}</legend>
          <ChannelOne {...{ channel, readOnly }} onChange={(part) => set(place, part)} />
          {readOnly ? null : (
            <Button
              size="small"
              aria-label={t('admin.removeChannelNo', { n: place + 1 })}
              onClick={() => onChange(channels.filter((_, i) => i !== place))}
            >
              {t('admin.removeChannel')}
            </Button>
          )}
        </fieldset>
      ))}
      {readOnly ? null : (
        <Select<(typeof KINDS)[number] | null>
          aria-label={t('admin.addChannel')}
          placeholder={t('admin.addChannel')}
          value={null}
          options={KINDS.map((kind) => ({ value: kind, label: t(`admin.channelKind.${kind}`) }))}
          onChange={(kind) => kind && onChange([...channels, START[kind]])}
        />
      )}
    </fieldset>
  )
}

function ChannelOne(props: {
  readonly channel: Body
  readonly readOnly: boolean
  readonly onChange: (part: Body) => void
}) {
  const { t } = useTranslation()
  const { channel, readOnly, onChange } = props
  if (channel.kind === 'webhook')
    return (
      <>
        {(['url', 'secretFile'] as const).map((key) => (
          <Field key={key} label={t(`admin.channelField.${key}`)}>
            {(id) => (
              <Input
                {...{ id, disabled: readOnly, spellCheck: false, autoComplete: 'off' }}
                value={textOf(channel[key])}
                onChange={(event) => onChange({ [key]: event.target.value })}
              />
            )}
          </Field>
        ))}
      </>
    )
  if (channel.kind === 'email')
    return (
      <Field label={t('admin.channelField.to')}>
        {(id) => (
          <Select
            {...{ id, mode: 'tags', open: false, suffixIcon: null, disabled: readOnly }}
            tokenSeparators={[',', ' ', ';', '，', '；']}
            value={[...textsOf(channel.to)]}
            onChange={(to: string[]) => onChange({ to: to.map((each) => each.trim()) })}
          />
        )}
      </Field>
    )
  return <p className="break">{channelText(channel)}</p>
}
