import { Alert, Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigItem } from '../../../../core/api/config.ts'
import type { AccountItem } from '../../../../core/api/users.ts'
import { ReasonForm } from '../rules/ReasonForm.tsx'
import { useSession } from '../session/session.ts'
import { Moment } from '../time/Moment.tsx'

export interface Issued {
  readonly name: string
  readonly password: string
}

interface Props {
  readonly item: ConfigItem
  readonly account: AccountItem | null
  /** Just made: shown until it is hidden, and never again. */
  readonly issued: Issued | null
  readonly onIssue: (reason: string) => Promise<boolean>
  readonly onHide: () => void
}

/** Whether the person has a password, and a one-time password for who has none or forgot it. */
export function PasswordPart({ item, account, issued, onIssue, onHide }: Props) {
  const { t } = useTranslation()
  const own = useSession().name === item.id
  const [open, setOpen] = useState(false)
  const [busy, setBusy] = useState(false)
  return (
    <section className="admin-owner" aria-label={t('admin.password.title')}>
      <h3>{t('admin.password.title')}</h3>
      {account ? (
        <p>
          {t(`admin.password.${account.password}`)}
          {account.since ? (
            <>
              {' · '}
              {t('admin.password.since')} <Moment at={account.since} full />
            </>
          ) : null}
        </p>
      ) : null}
      {issued ? (
        <Alert
          type="success"
          role="status"
          title={t('admin.password.issued', { name: issued.name })}
          description={
            <>
              <code className="one-time">{issued.password}</code>
              <p>{t('admin.password.once')}</p>
            </>
          }
          action={<Button onClick={onHide}>{t('admin.password.hide')}</Button>}
        />
      ) : null}
      {item.managedBy === 'file' ? (
        <p className="caption">{t('admin.password.ofFile')}</p>
      ) : own ? (
        <p className="caption">{t('admin.password.own')}</p>
      ) : (
        <div className="action-row">
          <Button aria-expanded={open} onClick={() => setOpen(!open)}>
            {t('admin.password.make')}
          </Button>
        </div>
      )}
      {open && item.managedBy === 'desk' && !own ? (
        <div className="panel">
          <p>{t('admin.password.makeWhat', { name: item.id })}</p>
          <ReasonForm
            words={t('admin.password.make')}
            busy={busy}
            disabled={false}
            onSend={async (reason) => {
              setBusy(true)
              const done = await onIssue(reason)
              setBusy(false)
              if (done) setOpen(false)
              return done
            }}
          />
        </div>
      ) : null}
    </section>
  )
}
