import { Button, Input } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { REJECT_REASONS } from '../../../../core/alert.ts'
import type { VerdictInput } from '../api/alerts.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { submitOnCtrlEnter } from '../parts/submit.ts'

interface Props {
  readonly onReject: (input: VerdictInput) => void
  readonly onClose: () => void
}

/** Reasons under the keys 1–6; "other" asks for words. */
export function RejectPanel({ onReject, onClose }: Props) {
  const { t } = useTranslation()
  const [other, setOther] = useState(false)
  const [text, setText] = useState('')
  const panel = useRef<HTMLElement>(null)
  useEffect(() => panel.current?.focus(), [])

  const choose = (reason: (typeof REJECT_REASONS)[number]) => {
    if (reason === 'other') setOther(true)
    else onReject({ verdict: 'rejected', reason })
  }
  const submit = () => {
    if (text.trim()) onReject({ verdict: 'rejected', reason: text.trim().slice(0, 200) })
  }
  useKeys(
    'keys.groups.reject',
    [
      ...REJECT_REASONS.map((reason, index) => ({
        codes: [`Digit${index + 1}`] as const,
        shown: String(index + 1),
        words: `reject.${reason}`,
        run: () => choose(reason),
      })),
      { codes: ['Escape'], shown: 'Esc', words: 'keys.close', run: onClose },
    ],
    { exclusive: true },
  )
  return (
    <section className="panel" ref={panel} tabIndex={-1} aria-label={t('verdict.why')}>
      <p className="panel-title">{t('verdict.why')}</p>
      <div className="action-row">
        {REJECT_REASONS.map((reason, index) => (
          <Button key={reason} onClick={() => choose(reason)}>
            <kbd>{index + 1}</kbd> {t(`reject.${reason}`)}
          </Button>
        ))}
        <Button type="text" onClick={onClose}>
          {t('common.cancel')} <kbd>Esc</kbd>
        </Button>
      </div>
      {other ? (
        <div className="panel-form">
          <Input.TextArea
            autoFocus
            rows={2}
            maxLength={200}
            aria-label={t('reject.otherText')}
            placeholder={t('reject.otherText')}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={submitOnCtrlEnter(submit)}
          />
          <Button type="primary" disabled={text.trim() === ''} onClick={submit}>
            {t('verdict.reject')} <kbd>Ctrl</kbd> <kbd>Enter</kbd>
          </Button>
        </div>
      ) : null}
    </section>
  )
}
