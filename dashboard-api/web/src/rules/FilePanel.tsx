import { Alert, Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { stringify } from 'yaml'
import type { RuleSet } from './model.ts'
import { ReasonForm } from './ReasonForm.tsx'

interface Props {
  readonly set: RuleSet
  readonly changed: boolean
  readonly busy: boolean
  readonly onTake: (reason: string) => Promise<boolean>
}

/** The camera is in the city file: what is drawn here goes there as text, or the camera is taken over. */
export function FilePanel({ set, changed, busy, onTake }: Props) {
  const { t } = useTranslation()
  const [taking, setTaking] = useState(false)
  const [copied, setCopied] = useState<boolean | null>(null)
  const text = stringify(
    { zones: set.zones, privacy: set.privacy, rules: set.rules },
    { collectionStyle: 'any', lineWidth: 100 },
  )
  // Browsers give the clipboard only to pages that came by HTTPS: then the text is there to be selected.
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
    } catch {
      setCopied(false)
    }
  }
  return (
    <div className="rule-file">
      <Alert type="info" showIcon title={t('ruleDesk.file.title')} description={t('ruleDesk.file.what')} />
      <div className="action-row">
        <Button aria-expanded={taking} onClick={() => setTaking(!taking)}>
          {t('ruleDesk.file.take')}
        </Button>
        <Button onClick={() => void copy()}>{t('ruleDesk.file.copy')}</Button>
        {copied === null ? null : (
          <span role="status">{t(copied ? 'ruleDesk.file.copied' : 'ruleDesk.file.notCopied')}</span>
        )}
      </div>
      {taking ? (
        <div className="panel">
          <p>{t('ruleDesk.file.takeWarning')}</p>
          <ReasonForm words={t('ruleDesk.file.take')} busy={busy} disabled={false} onSend={onTake} />
        </div>
      ) : null}
      <details open={changed || copied === false}>
        <summary>{t('ruleDesk.file.text')}</summary>
        <pre className="rule-yaml">{text}</pre>
      </details>
    </div>
  )
}
