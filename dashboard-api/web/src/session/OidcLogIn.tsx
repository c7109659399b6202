import { useQuery } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { logInWaysQuery, oidcUrl } from './session.ts'

/** The way by the identity provider, where the site has one. A link: the browser leaves for the provider's page. */
export function OidcButton({ next }: { readonly next: string }) {
  const { t } = useTranslation()
  const { data } = useQuery(logInWaysQuery)
  if (!data?.oidc) return null
  return (
    <Button size="large" block href={oidcUrl(next)}>
      {data.oidc.button ?? t('login.oidc')}
    </Button>
  )
}

/** Why the provider's log-in failed, as the server says in the address. */
export function OidcFaultNotice() {
  const { t, i18n } = useTranslation()
  const [params] = useSearchParams()
  const fault = params.get('oidc')
  if (fault === null) return null
  const key = `login.oidcWhy.${fault}`
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={t('login.failed')}
      description={/^[a-z_]+$/.test(fault) && i18n.exists(key) ? t(key) : t('login.oidcWhy.other')}
    />
  )
}
