import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { type FormEvent, type KeyboardEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate, useSearchParams } from 'react-router'
import { FaultBar } from '../parts/FaultBar.tsx'
import { Field } from '../parts/Field.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { LanguageButton } from '../words/LanguageButton.tsx'
import { OidcButton, OidcFaultNotice } from './OidcLogIn.tsx'
import { safeNext } from './safe-next.ts'
import { logIn, sessionQuery } from './session.ts'

export function LoginPage() {
  const { t } = useTranslation()
  usePageTitle(t('login.title'))
  const client = useQueryClient()
  const [params] = useSearchParams()
  const session = useQuery(sessionQuery)
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const enter = useMutation({
    mutationFn: () => logIn(name.trim(), password),
    onSuccess: () => client.invalidateQueries(sessionQuery),
  })
  if (session.data) return <Navigate to={safeNext(params.get('next'))} replace />

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() && password && !enter.isPending) enter.mutate()
  }
  return (
    <main className="login">
      <form className="login-card" onSubmit={submit}>
        <h1>
          <img src="/favicon.svg" alt="" width="28" height="28" /> Sharp Eyes
        </h1>
        <p className="caption">{t('login.lead')}</p>
        <Field label={t('login.name')}>
          {(id) => (
            <Input
              id={id}
              size="large"
              autoFocus
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              value={name}
              onChange={(event) => setName(event.target.value)}
              onKeyDown={keepEnter}
            />
          )}
        </Field>
        <Field label={t('login.password')}>
          {(id) => (
            <Input.Password
              id={id}
              size="large"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        <OidcFaultNotice />
        {enter.error ? <ProblemNotice what={t('login.failed')} error={enter.error} /> : null}
        <Button
          size="large"
          type="primary"
          htmlType="submit"
          block
          loading={enter.isPending}
          disabled={!name.trim() || !password}
        >
          {t('login.in')}
        </Button>
        <OidcButton next={safeNext(params.get('next'))} />
        <LanguageButton type="link" />
        <FaultBar />
      </form>
    </main>
  )
}

/** Enter in the name may be an input method's choice of a candidate: only the password's Enter sends the form. */
function keepEnter(event: KeyboardEvent): void {
  if (event.key === 'Enter') event.preventDefault()
}
