import { Button, Modal } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useKeys } from '../keys/KeysProvider.tsx'
import { sound } from './sound.ts'

export interface HearTestProps {
  readonly open: boolean
  readonly onClose: () => void
}

/** 「听到了吗?」: only the person at the desk knows whether a loudspeaker is on. */
export function HearTest({ open, onClose }: HearTestProps) {
  const { t } = useTranslation()
  const [again, setAgain] = useState(false)
  useKeys('keys.groups.global', [], { active: open, exclusive: true })
  const close = () => {
    setAgain(false)
    onClose()
  }
  return (
    <Modal
      title={t('shift.heard')}
      open={open}
      onCancel={close}
      footer={[
        <Button
          key="again"
          onClick={() => {
            setAgain(true)
            void sound.unlock().then(() => sound.play('test', true))
          }}
        >
          {t('shift.playAgain')}
        </Button>,
        <Button key="yes" type="primary" autoFocus onClick={close}>
          {t('shift.heardYes')}
        </Button>,
      ]}
    >
      <p>{t('shift.tones')}</p>
      {again ? <p>{t('shift.checkSpeaker')}</p> : null}
    </Modal>
  )
}
