import type { Request, Response } from 'express'
import * as client from 'openid-client'
import type { OidcFault } from '../../../core/api/log-in.ts'
import { SharpEyesError } from '../../../core/errors.ts'
import type { OidcSettings } from '../../../core/oidc.ts'
import type { Clock } from '../../../core/ports/clock.ts'
import type { Database } from '../../../core/ports/database.ts'
import type { Log, Metrics } from '../../../core/ports/telemetry.ts'
import type { Handlers } from '../../http/route.ts'
import { findPeople } from '../people.ts'
import type { Sessions } from '../session.ts'
import type { SessionWatch } from '../watch.ts'
import { createFlowCookie, FLOW_MS } from './flow-cookie.ts'
import { discoverProvider, reasonOf } from './provider.ts'
import type { oidcRoutes } from './routes.ts'

const COOKIE = 'sharp-eyes-log-in'
const PATH = '/api/session/oidc'

/** Authorization code with PKCE, state and nonce. Who comes must be a configured user, by name. */
export function oidcHandlers(deps: {
  readonly oidc?: OidcSettings
  readonly database: Database
  readonly sessions: Sessions
  readonly sessionSecret: string
  readonly secure: boolean
  readonly publicUrl?: string
  readonly watch: SessionWatch
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}): Handlers<typeof oidcRoutes> {
  const { oidc, sessions, clock, log, metrics } = deps
  const cookies = createFlowCookie(deps.sessionSecret)
  const cookieOptions = { httpOnly: true, sameSite: 'lax', secure: deps.secure, path: PATH } as const
  const provider = createProvider(oidc)

  const configured = (): OidcSettings => {
    if (oidc) return oidc
    throw new SharpEyesError(
      'not_found',
      'no identity provider is configured (OIDC_ISSUER); log in by password',
    )
  }
  const callbackOf = (request: Request): URL =>
    new URL(`${PATH}/callback`, deps.publicUrl ?? `${request.protocol}://${request.get('host')}`)

  const refuse = (request: Request, response: Response, next: string, fault: OidcFault, why: string) => {
    metrics.count('log_ins_failed_total')
    log.info({ address: request.ip, fault, why }, 'a log-in by the identity provider failed')
    const query = new URLSearchParams({ oidc: fault, ...(next === '/' ? {} : { next }) })
    response.redirect(303, `/login?${query}`)
  }

  return {
    logInWays: async () => ({ oidc: oidc ? { button: oidc.button } : null }),

    async beginOidc({ request, response, query }) {
      configured()
      const next = localPath(query.next)
      const [state, nonce, verifier] = [
        client.randomState(),
        client.randomNonce(),
        client.randomPKCECodeVerifier(),
      ]
      let target: URL
      try {
        target = client.buildAuthorizationUrl(await provider.get(), {
          redirect_uri: callbackOf(request).href,
          scope: 'openid profile',
          ...{ state, nonce, code_challenge_method: 'S256' },
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
        })
      } catch (error) {
        return refuse(request, response, next, 'provider_away', messageOf(error))
      }
      const sealed = cookies.seal({ ...{ state, nonce, verifier, next }, at: clock.now() })
      response.cookie(COOKIE, sealed, { ...cookieOptions, maxAge: FLOW_MS })
      response.redirect(303, target.href)
    },

    async finishOidc({ request, response }) {
      const { claim } = configured()
      const flow = cookies.open(cookieOf(request, COOKIE), clock.now())
      // Used or not: an answer counts once.
      response.clearCookie(COOKIE, cookieOptions)
      if (!flow) return refuse(request, response, '/', 'not_this_browser', 'no log-in was begun here')
      const { next } = flow
      const answered = new URL(request.originalUrl, callbackOf(request))
      let name: string | null
      try {
        const config = await provider.get()
        const tokens = await client.authorizationCodeGrant(config, answered, {
          expectedState: flow.state,
          expectedNonce: flow.nonce,
          pkceCodeVerifier: flow.verifier,
          idTokenExpected: true,
        })
        name = await nameOf(config, tokens, claim)
      } catch (error) {
        return refuse(request, response, next, faultOf(error), messageOf(error))
      }
      if (name === null || !(await findPeople(deps.database, [name])).has(name))
        return refuse(
          request,
          response,
          next,
          'unknown_user',
          `claim ${claim} names no user of the configuration`,
        )
      await new Promise<void>((resolve, reject) => {
        sessions.middleware(request, response, (error?: unknown) => (error ? reject(error) : resolve()))
      })
      const before = request.sessionID
      await sessions.begin(request, name, 'oidc')
      deps.watch.ended(before)
      log.info({ name, address: request.ip, by: 'oidc' }, 'logged in')
      response.redirect(303, next)
    },
  }
}

/** Found when it is first needed and kept; a failed attempt is forgotten, so that the next log-in tries again. */
function createProvider(oidc: OidcSettings | undefined) {
  let found: Promise<client.Configuration> | null = null
  return {
    get(): Promise<client.Configuration> {
      if (!oidc) throw new SharpEyesError('not_found', 'no identity provider is configured')
      if (found) return found
      const attempt = discoverProvider(oidc)
      found = attempt
      attempt.catch(() => {
        if (found === attempt) found = null
      })
      return attempt
    },
  }
}

type Tokens = Awaited<ReturnType<typeof client.authorizationCodeGrant>>

/** The claim as the ID token has it, else as the provider tells about the person. Null: it is no text. */
async function nameOf(config: client.Configuration, tokens: Tokens, claim: string): Promise<string | null> {
  const claims = tokens.claims()
  const told =
    claims?.[claim] ??
    (claims && config.serverMetadata().userinfo_endpoint
      ? (await client.fetchUserInfo(config, tokens.access_token, claims.sub))[claim]
      : undefined)
  return typeof told === 'string' && told !== '' && told.length <= 64 ? told : null
}

function faultOf(error: unknown): OidcFault {
  if (error instanceof client.AuthorizationResponseError) return 'provider_refused'
  if (error instanceof SharpEyesError && error.code === 'dependency_missing') return 'provider_away'
  const code = reasonOf(error)
  return ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT', 'OAUTH_TIMEOUT'].includes(
    code,
  )
    ? 'provider_away'
    : 'answer_invalid'
}

const messageOf = (error: unknown): string =>
  error instanceof SharpEyesError ? error.message : reasonOf(error)

/** A path of this app and nothing else, whatever the link says. */
function localPath(next: string | undefined): string {
  if (next === undefined || !next.startsWith('/') || next.startsWith('/login')) return '/'
  const base = 'http://here.invalid'
  return URL.canParse(next, base) && new URL(next, base).origin === base && !/^\/[/\\]/.test(next)
    ? next
    : '/'
}

const cookieOf = (request: Request, name: string): string | undefined =>
  request.headers.cookie
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1)
