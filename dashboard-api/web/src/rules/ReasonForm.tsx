import { Button, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Field } from '../parts/Field.tsx'
import { submitOnCtrlEnter } from '../parts/submit.ts'

interface Props {
  readonly words: string
  /** Of the field; absent: why it is changed. */
  readonly label?: string
  readonly busy: boolean
  readonly disabled: boolean
  readonly primary?: boolean
  /** Answers whether it was done: only then the typed reason goes. */
  readonly onSend: (reason: string) => Promise<boolean>
}

/** A change is sent with why. */
export function ReasonForm({ words, label, busy, disabled, primary = false, onSend }: Props) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  const ready = !disabled && !busy && reason.trim() !== ''
  const send = async () => {
    if (ready && (await onSend(reason.trim()))) setReason('')
  }
  return (
    <div className="panel-form">
      <Field label={label ?? t('ruleDesk.reason')}>
        {(id) => (
          <Input.TextArea
            {...{ id, maxLength: 2_000, value: reason, autoSize: { minRows: 1, maxRows: 4 } }}
            onChange={(event) => setReason(event.target.value)}
            onKeyDown={submitOnCtrlEnter(() => void send())}
          />
        )}
      </Field>
      <div className="action-row">
        <Button
          type={primary ? 'primary' : 'default'}
          loading={busy}
          disabled={!ready}
          onClick={() => void send()}
        >
          {words} <kbd>Ctrl Enter</kbd>
        </Button>
      </div>
    </div>
  )
}
