import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

export interface TestProvider extends AsyncDisposable {
  readonly issuer: string
  /** Registers the program that people come from; before that nobody is known. */
  serve(client: { readonly id: string; readonly secret: string; readonly redirect: string }): void
}

/** A real OpenID provider on loopback whose log-in page asks for a name and believes it. */
export async function startProvider(): Promise<TestProvider> {
  const server = createServer((_, response) => response.writeHead(503).end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    serve({ id, secret, redirect }) {
      const provider = new Provider(issuer, {
        clients: [
          {
            ...{ client_id: id, client_secret: secret, redirect_uris: [redirect] },
            token_endpoint_auth_method: 'client_secret_basic',
          },
        ],
        pkce: { required: () => true },
        features: { devInteractions: { enabled: false } },
        claims: { openid: ['sub'], profile: ['preferred_username'] },
        interactions: { url: (_, { uid }) => `/log-in/${uid}` },
        findAccount: (_, sub) => ({
          accountId: sub,
          claims: async () => ({ sub, preferred_username: sub.replace(/^person:/, '') }),
        }),
        // Whoever logged in has agreed.
        async loadExistingGrant({ oidc }) {
          const grant = new oidc.provider.Grant({
            ...(oidc.client ? { clientId: oidc.client.clientId } : {}),
            ...(oidc.session?.accountId ? { accountId: oidc.session.accountId } : {}),
          })
          grant.addOIDCScope('openid profile')
          await grant.save()
          return grant
        },
      })
      const answer = provider.callback()
      server.removeAllListeners('request')
      server.on('request', (request, response) => {
        if (!request.url?.startsWith('/log-in/')) return void answer(request, response)
        if (request.method !== 'POST') {
          response.setHeader('Content-Type', 'text/html; charset=utf-8')
          response.end(
            `<!doctype html><title>认证中心</title><form method="post"><label>姓名 <input name="name"></label><button>继续</button><button name="cancel" value="1">取消</button></form>`,
          )
          return
        }
        void readForm(request).then(async (form) => {
          const result = form.has('cancel')
            ? { error: 'access_denied', error_description: 'cancelled' }
            : { login: { accountId: `person:${form.get('name')}` } }
          await provider.interactionFinished(request, response, result)
        })
      })
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readForm(request: AsyncIterable<unknown>): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return new URLSearchParams(text)
}
