import type { OidcSettings } from '../../core/oidc.ts'
import { discoverProvider } from '../../dashboard-api/auth/oidc/provider.ts'
import { type Finding, finding } from './finding.ts'

/** Asks the identity provider for its addresses; logs nobody in. Throws in plain words when it does not answer. */
export async function oidcFinding(oidc: OidcSettings): Promise<Finding> {
  const { authorization_endpoint: page, issuer } = (await discoverProvider(oidc)).serverMetadata()
  if (page === undefined)
    return finding('oidc', 'fail', `OIDC_ISSUER: ${issuer} has no page to log in at (authorization_endpoint)`)
  return finding('oidc', 'ok', `${issuer}: people are known by the claim ${oidc.claim}`)
}
