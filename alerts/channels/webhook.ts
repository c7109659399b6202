import { readFile } from 'node:fs/promises'
import { Webhook } from 'standardwebhooks'
import { z } from 'zod'
import type { Channel, DeliveryOutcome } from '../../core/ports/channel.ts'
import type { Clock } from '../../core/ports/clock.ts'

/** Standard Webhooks: thin payloads, under 20 kB. */
const MAX_BYTES = 20_000

const targetSchema = z.object({ url: z.url({ protocol: /^https?$/ }), secretFile: z.string() })

/**
 * Standard Webhooks by HTTP POST. Signed with the secret read from its file at each send, so that a changed secret
 * needs no restart. A redirect is a failure: a department's address is what the city file says and nothing else.
 * Targets may be private or loopback addresses: departments are in the city's own network. No text of a failure has
 * the secret, or the address beyond its host.
 */
export function createWebhookChannel(deps: { readonly clock: Clock }): Channel {
  return {
    kind: 'webhook',
    async deliver({ id, payload, target }, signal) {
      const parsed = targetSchema.safeParse(target)
      if (!parsed.success) return failed('bad_target', 'the channel has no http address or no secretFile')
      const { url, secretFile } = parsed.data
      const signer = await readSigner(secretFile)
      if ('fault' in signer) return failed('secret', signer.fault)
      const body = JSON.stringify(payload)
      if (Buffer.byteLength(body) >= MAX_BYTES) {
        return failed(
          'too_large',
          `the payload has ${Buffer.byteLength(body)} bytes, allowed are ${MAX_BYTES}`,
        )
      }
      const at = new Date(deps.clock.now())
      try {
        const response = await fetch(url, {
          method: 'POST',
          redirect: 'manual',
          signal,
          body,
          headers: {
            'content-type': 'application/json',
            'user-agent': 'sharp-eyes',
            'webhook-id': id,
            'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
            'webhook-signature': signer.webhook.sign(id, at, body),
          },
        })
        await response.body?.cancel()
        return answered(response, at.getTime())
      } catch (error) {
        return broken(error, new URL(url).host, signal)
      }
    },
  }
}

async function readSigner(secretFile: string): Promise<{ webhook: Webhook } | { fault: string }> {
  let secret: string
  try {
    secret = (await readFile(secretFile, 'utf8')).replace(/\r?\n$/, '')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable'
    return { fault: `secretFile ${secretFile} cannot be read (${code})` }
  }
  try {
    return { webhook: new Webhook(secret) }
  } catch {
    // The library's own text is not passed on: it is about the secret.
    return { fault: `secretFile ${secretFile} holds no Standard Webhooks secret (whsec_ and base64)` }
  }
}

const failed = (code: string, error: string): DeliveryOutcome => ({
  kind: 'failed',
  retryable: true,
  code,
  error,
})

/**
 * 2xx is delivered. 410 says "stop sending": dead at once. Everything else follows the retry table, other 4xx too: a
 * wrong secret, a path not yet deployed or a full disk there is put right by people within hours, and giving up at
 * once would lose the message.
 */
function answered(response: Response, now: number): DeliveryOutcome {
  const { status } = response
  const code = `http_${status}`
  if (status >= 200 && status < 300) return { kind: 'delivered', code }
  const what =
    status >= 300 && status < 400 ? `redirects (${status}); redirects are not followed` : `answers ${status}`
  const outcome = { kind: 'failed' as const, retryable: status !== 410, code, error: `the receiver ${what}` }
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), now)
  return retryAfterMs === null ? outcome : { ...outcome, retryAfterMs }
}

/** RFC 9110: seconds, or a date. */
function parseRetryAfter(text: string | null, now: number): number | null {
  if (text === null) return null
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}

/** Failures before a byte of the request left: the message did not arrive. */
const NOT_SENT: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses the connection',
  ENOTFOUND: 'has no address (DNS)',
  EAI_AGAIN: 'has no address (DNS) now',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'does not take a connection in time',
}

function broken(error: unknown, host: string, signal: AbortSignal): DeliveryOutcome {
  if (signal.aborted) return failed('timeout', `${host} did not answer in time: it may have arrived`)
  const cause = (error as { cause?: { code?: string } }).cause?.code ?? 'unknown'
  const plain = NOT_SENT[cause]
  if (plain) return failed('not_reached', `${host} ${plain} (${cause})`)
  if (/CERT|SSL|TLS|SELF_SIGNED|ALTNAME/.test(cause))
    return failed('tls', `${host} has no valid TLS (${cause})`)
  return failed('connection_lost', `the connection to ${host} broke (${cause}): it may have arrived`)
}
