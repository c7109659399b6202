import * as client from 'openid-client'
import { SharpEyesError } from '../../../core/errors.ts'
import type { OidcSettings } from '../../../core/oidc.ts'

const TIMEOUT_SECONDS = 10

/** Whether a plain-http address never leaves this machine. */
export const isLoopbackUrl = (url: URL): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)

/**
 * Asks the issuer for its addresses and keys. Throws `dependency_missing` in plain words when it does not answer as an
 * OpenID provider; what it sent is in the cause alone.
 */
export async function discoverProvider(settings: OidcSettings): Promise<client.Configuration> {
  const { issuer, clientId, clientSecret } = settings
  const url = new URL(issuer)
  try {
    return await client.discovery(
      url,
      clientId,
      undefined,
      clientSecret === null ? client.None() : client.ClientSecretBasic(clientSecret),
      {
        timeout: TIMEOUT_SECONDS,
        ...(url.protocol === 'http:' && isLoopbackUrl(url)
          ? { execute: [client.allowInsecureRequests] }
          : {}),
      },
    )
  } catch (cause) {
    throw new SharpEyesError(
      'dependency_missing',
      `OIDC_ISSUER: ${url.origin} does not answer as an OpenID provider (${reasonOf(cause)}); see its address, DNS and certificate`,
      { cause },
    )
  }
}

/** The library's code, or the connection's; never what the other side wrote. */
export function reasonOf(thrown: unknown): string {
  for (let error: unknown = thrown; error instanceof Error; error = error.cause) {
    const { code } = error as { code?: unknown }
    if (typeof code === 'string') return code
  }
  return thrown instanceof Error ? thrown.name : 'no answer'
}
