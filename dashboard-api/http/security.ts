import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import helmet from 'helmet'
import { SharpEyesError } from '../../core/errors.ts'

/** Header that a page of another origin cannot send without asking first (CORS preflight, which is never granted). */
const OWN_HEADER = 'x-sharp-eyes'

/**
 * Security headers. Scripts come from this origin's files only; antd writes its styles inline; pictures and films may
 * be blobs made by the page. On plain http neither HSTS nor upgrade-insecure-requests: both would lock people out.
 */
export function securityHeaders(tls: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'blob:', 'data:'],
        mediaSrc: ["'self'", 'blob:'],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        // The phone's page keeps itself for use without a network.
        workerSrc: ["'self'"],
        manifestSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        ...(tls ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: tls,
    // Plain http on a city's inner network: the browser ignores these there and warns on every page.
    crossOriginOpenerPolicy: tls,
    originAgentCluster: tls,
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  })
}

/** Whether a request comes from a page of this server. Without `Origin` (no browser) there is nothing to compare. */
export function isSameOrigin(request: IncomingMessage, publicUrl: string | undefined): boolean {
  const { origin, host } = request.headers
  if (origin === undefined) return true
  if (publicUrl !== undefined && origin === new URL(publicUrl).origin) return true
  try {
    return new URL(origin).host === host
  } catch {
    return false // `null` of a sandboxed page, or no URL at all
  }
}

/** Refuses changing calls of other origins (cross-site request forgery). */
export function refuseForeignCalls(request: IncomingMessage, publicUrl: string | undefined): void {
  if (!isSameOrigin(request, publicUrl)) {
    throw new SharpEyesError('forbidden', `calls from the origin ${request.headers.origin} are refused`)
  }
  if (request.headers[OWN_HEADER] !== '1') {
    throw new SharpEyesError('forbidden', 'a changing call needs the header "X-Sharp-Eyes: 1"')
  }
}

/**
 * The socket's own address: what X-Forwarded-For says is written by whoever asks. A call that was forwarded comes from
 * somebody else, whoever the proxy is.
 */
export function isLoopback(request: IncomingMessage): boolean {
  const { headers } = request
  if (headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined) return false
  const address = request.socket.remoteAddress ?? ''
  return address === '::1' || /^(::ffff:)?127\./.test(address)
}

/** Whether a call shows the token of a site's monitoring. Null: there is none, and nobody shows it. */
export function showsToken(request: IncomingMessage, token: string | null): boolean {
  if (token === null) return false
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(request.headers.authorization ?? ''), hash(`Bearer ${token}`))
}
