import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Request } from 'express'
import { SharpEyesError } from '../../core/errors.ts'
import type { Once } from '../../core/ports/commands.ts'

/** A structured field string (draft-ietf-httpapi-idempotency-key-header), or the same bare, as many clients send it. */
const KEY =
  /^(?:"([\x20\x21\x23-\x5b\x5d-\x7e]{1,200})"|([\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,200}))$/

/**
 * The key of a call and the hash of what it asks: its path and `content`, keys in any order. Undefined without the
 * header. Throws `bad_request` for a header that is no key.
 */
export function onceOf(request: Request, content: unknown): Once | undefined {
  const header = request.headers['idempotency-key']
  if (header === undefined) return undefined
  const match = KEY.exec(String(header).trim())
  const key = match?.[1] ?? match?.[2]
  if (key === undefined) {
    throw new SharpEyesError(
      'bad_request',
      'Idempotency-Key: write one quoted text of 1 to 200 printable characters, for example "8e03978e-40d5-43dd-bc93-6894a57f9324"',
    )
  }
  const asked = canonicalize({ path: request.path, content }) ?? ''
  return { key, request: createHash('sha256').update(asked).digest('hex') }
}
