import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Session } from '../api/types.ts'
import { Field } from '../parts/Field.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { passwordFault } from './password.ts'
import { changePassword, sessionQuery, useLogOut } from './session.ts'

/** A one-time password opens this page and no other. */
export function PasswordPage({ session }: { readonly session: Session }) {
  const { t } = useTranslation()
  usePageTitle(t('password.title'))
  const client = useQueryClient()
  const logOut = useLogOut()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const change = useMutation({
    mutationFn: () => changePassword(current, next),
    onSuccess: () => client.invalidateQueries(sessionQuery),
  })
  const leave = useMutation({ mutationFn: logOut })
  const fault = passwordFault({ current, next, again })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (fault === null && current && !change.isPending) change.mutate()
  }
  return (
    <main className="login">
      <form className="login-card" onSubmit={submit}>
        <h1>{t('password.title')}</h1>
        <p>{t('password.why', { name: session.name })}</p>
        <input type="text" name="username" autoComplete="username" value={session.name} readOnly hidden />
        <Field label={t('password.current')}>
          {(id) => (
            <Input.Password
              id={id}
              autoFocus
              autoComplete="current-password"
              value={current}
              onChange={(event) => setCurrent(event.target.value)}
            />
          )}
        </Field>
        <Field label={t('password.next')}>
          {(id) => (
            <Input.Password
              id={id}
              autoComplete="new-password"
              value={next}
              onChange={(event) => setNext(event.target.value)}
            />
          )}
        </Field>
        <Field label={t('password.again')}>
          {(id) => (
            <Input.Password
              id={id}
              autoComplete="new-password"
              value={again}
              onChange={(event) => setAgain(event.target.value)}
            />
          )}
        </Field>
        {next !== '' && fault ? <p className="caption">{t(`password.fault.${fault}`)}</p> : null}
        {change.error ? <ProblemNotice what={t('password.failed')} error={change.error} /> : null}
        <Button
          type="primary"
          htmlType="submit"
          block
          loading={change.isPending}
          disabled={fault !== null || !current}
        >
          {t('password.save')}
        </Button>
        <Button type="link" size="small" onClick={() => leave.mutate()}>
          {t('login.out')}
        </Button>
      </form>
    </main>
  )
}
