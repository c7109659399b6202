import { randomBytes } from 'node:crypto'

/** First part of a worker's name: the token's. */
export const WORKER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const TOKEN = /^sew_[A-Za-z0-9_-]{43}_([A-Za-z0-9][A-Za-z0-9._-]{0,63})$/

/** `sew_<256 random bits, base64url>_<name>`: the name is in it, so that a worker knows what it is called before it asks. */
export const makeWorkerToken = (name: string): string =>
  `sew_${randomBytes(32).toString('base64url')}_${name}`

/** Name in a token; null: the text is no token. */
export const nameInToken = (token: string): string | null => TOKEN.exec(token)?.[1] ?? null
