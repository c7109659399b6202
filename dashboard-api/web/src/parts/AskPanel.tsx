import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useKeys } from '../keys/KeysProvider.tsx'
import { ProblemNotice } from './ProblemNotice.tsx'

interface Props {
  /** Keys of the dictionary: heading of its keys, and name of the panel. */
  readonly keys: string
  readonly label: string
  readonly title: ReactNode
  /** The fields. */
  readonly children: ReactNode
  readonly action: {
    readonly text: string
    /** Ctrl+Enter in a field sends it, too; absent: only the button, which has the focus. */
    readonly byKeys?: true
    readonly disabled: boolean
    readonly busy: boolean
    readonly run: () => void
  }
  readonly onClose: () => void
  readonly failure: { readonly what: string; readonly error: unknown }
}

/** A question over the open alert: while it is there no key reaches what lies below, and Esc leaves it. */
export function AskPanel({ keys, label, title, children, action, onClose, failure }: Props) {
  const { t } = useTranslation()
  useKeys(keys, [{ codes: ['Escape'], shown: 'Esc', words: 'keys.close', run: onClose }], {
    exclusive: true,
  })
  const { text, byKeys = false, disabled, busy, run } = action
  return (
    <section className="panel" aria-label={t(label)}>
      {title}
      <div className="panel-form">
        {children}
        <div className="action-row">
          <Button type="primary" autoFocus={!byKeys} disabled={disabled} loading={busy} onClick={run}>
            {text}
            {byKeys ? (
              <>
                {' '}
                <kbd>Ctrl</kbd> <kbd>Enter</kbd>
              </>
            ) : null}
          </Button>
          <Button type="text" onClick={onClose}>
            {t('common.cancel')} <kbd>Esc</kbd>
          </Button>
        </div>
      </div>
      {failure.error ? <ProblemNotice what={failure.what} error={failure.error} /> : null}
    </section>
  )
}
