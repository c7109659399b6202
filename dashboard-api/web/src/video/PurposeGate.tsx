import { Button, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { submitOnCtrlEnter } from '../parts/submit.ts'
import { givePurpose, LOOK_PURPOSES } from './purpose.ts'

/** Asked before the first picture of a place where people work. */
export function PurposeGate() {
  const { t } = useTranslation()
  const [words, setWords] = useState('')
  const say = () => {
    if (words.trim() !== '') givePurpose(words.trim())
  }
  return (
    <div className="picture picture-none purpose-gate">
      <p>{t('purposeGate.ask')}</p>
      <div className="purpose-choices">
        {LOOK_PURPOSES.map((each) => (
          <Button key={each} onClick={() => givePurpose(t(`purposeGate.${each}`))}>
            {t(`purposeGate.${each}`)}
          </Button>
        ))}
      </div>
      <div className="purpose-own">
        <Input
          maxLength={200}
          aria-label={t('purposeGate.other')}
          placeholder={t('purposeGate.other')}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={submitOnCtrlEnter(say)}
        />
        <Button disabled={words.trim() === ''} onClick={say}>
          {t('purposeGate.open')}
        </Button>
      </div>
      <p className="caption">{t('purposeGate.why')}</p>
    </div>
  )
}
