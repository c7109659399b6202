import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { changeLogin } from '../api/camera-setup.ts'
import type { ConfigItem } from '../api/rules.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { Field } from '../parts/Field.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { ReasonForm } from '../rules/ReasonForm.tsx'

/** Another user and password of a camera: a new private file, and a version that names it. */
export function LoginForm({ item, onDone }: { readonly item: ConfigItem; readonly onDone: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const offline = useConnection().kind === 'offline'
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const { id, version } = item
  const change = useMutation({
    mutationFn: (reason: string) => changeLogin(id, { version, user, password, reason }),
    onSuccess: onDone,
    onSettled: () => client.invalidateQueries({ queryKey: ['cameras'] }),
  })
  const wrong = user.includes(':')
  return (
    <>
      <p>{t('cameraAdmin.loginWhat')}</p>
      <div className="wizard-pair">
        <Field label={t('cameraNew.user')}>
          {(fieldId) => (
            <Input
              {...{ id: fieldId, maxLength: 100, value: user, autoComplete: 'off', spellCheck: false }}
              status={wrong ? 'error' : ''}
              onChange={({ target }) => setUser(target.value)}
            />
          )}
        </Field>
        <Field label={t('cameraNew.password')}>
          {(fieldId) => (
            <Input.Password
              {...{ id: fieldId, maxLength: 200, value: password, autoComplete: 'new-password' }}
              onChange={({ target }) => setPassword(target.value)}
            />
          )}
        </Field>
      </div>
      {wrong ? <p className="failed">{t('cameraNew.fault.colon')}</p> : null}
      <ReasonForm
        words={t('cameraAdmin.login')}
        busy={change.isPending}
        disabled={offline || user === '' || password === '' || wrong}
        onSend={(reason) =>
          change.mutateAsync(reason).then(
            () => true,
            () => false,
          )
        }
      />
      {change.error ? (
        <ProblemNotice what={t('cameraAdmin.notChanged', { id })} error={change.error} />
      ) : null}
    </>
  )
}
