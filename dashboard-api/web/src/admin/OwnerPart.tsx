import { Alert, Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigItem } from '../../../../core/api/config.ts'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { ReasonForm } from '../rules/ReasonForm.tsx'

interface Props {
  readonly item: ConfigItem
  readonly name: string
  readonly busy: boolean
  readonly error: unknown
  readonly onHand: (to: 'file' | 'desk', reason: string) => Promise<boolean>
  readonly onRemove: (reason: string) => Promise<boolean>
}

/** Who manages it: the city file, from which it can be taken over; or this page, which can hand it back or remove it. */
export function OwnerPart({ item, name, busy, error, onHand, onRemove }: Props) {
  const { t } = useTranslation()
  const [open, setOpen] = useState<'take' | 'back' | 'remove' | null>(null)
  const ofFile = item.managedBy === 'file'
  const toggle = (which: 'take' | 'back' | 'remove') => () => setOpen(open === which ? null : which)
  return (
    <section className="admin-owner" aria-label={t('admin.owner')}>
      {ofFile ? (
        <Alert type="info" showIcon title={t('admin.ofFile')} description={t('admin.ofFileWhat')} />
      ) : null}
      <div className="action-row">
        {ofFile ? (
          <Button aria-expanded={open === 'take'} onClick={toggle('take')}>
            {t('ruleDesk.file.take')}
          </Button>
        ) : (
          <>
            <Button danger aria-expanded={open === 'remove'} onClick={toggle('remove')}>
              {t('admin.remove')}
            </Button>
            <Button aria-expanded={open === 'back'} onClick={toggle('back')}>
              {t('admin.handBack')}
            </Button>
          </>
        )}
      </div>
      {open ? (
        <div className="panel">
          <p>{t(`admin.${open}What`, { name })}</p>
          <ReasonForm
            key={open}
            words={t(
              open === 'take' ? 'ruleDesk.file.take' : open === 'back' ? 'admin.handBack' : 'admin.remove',
            )}
            busy={busy}
            disabled={false}
            onSend={(reason) =>
              open === 'remove' ? onRemove(reason) : onHand(open === 'take' ? 'desk' : 'file', reason)
            }
          />
        </div>
      ) : null}
      {error ? <ProblemNotice what={t('admin.notSaved', { name })} error={error} /> : null}
    </section>
  )
}
