import type { Health } from '../../core/api/shapes.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'

export type HealthPart = Health['parts'][number]
type Facts = NonNullable<HealthPart['facts']>

/** Looks at one thing and tells. A source that throws, or takes too long, is a part that is down. */
export interface HealthSource {
  readonly name: string
  read(): Promise<readonly HealthPart[]> | readonly HealthPart[]
}

export const source = (name: string, read: HealthSource['read']): HealthSource => ({ name, read })

const part = (
  name: string,
  status: HealthPart['status'],
  code: string,
  detail: string,
  facts?: Facts,
): HealthPart => ({ name, status, code, detail, ...(facts && { facts }) })

/** It works. */
export const well = (name: string, detail: string, facts?: Facts): HealthPart =>
  part(name, 'ok', 'ok', detail, facts)
/** It works, but not as it should. */
export const poor = (name: string, code: string, detail: string, facts?: Facts): HealthPart =>
  part(name, 'degraded', code, detail, facts)
/** It does not work. */
export const down = (name: string, code: string, detail: string, facts?: Facts): HealthPart =>
  part(name, 'down', code, detail, facts)
export const notBuilt = (name: string, detail: string): HealthPart =>
  part(name, 'not_built', 'not_built', detail)

const LIMIT_MS = 2_000
/** Reads that have not answered: who asks again waits for the same answer, so that a hanging part costs one connection. */
const underway = new WeakMap<HealthSource, Promise<readonly HealthPart[]>>()

/** What the source says, within two seconds. */
export async function readSource(from: HealthSource, clock: Clock): Promise<readonly HealthPart[]> {
  const over = new AbortController()
  const late = clock.sleep(LIMIT_MS, over.signal).then(
    () => [down(from.name, 'no_answer', `no answer within ${LIMIT_MS / 1_000} s`)],
    () => [], // aborted: the answer came first
  )
  try {
    return await Promise.race([answerOf(from), late])
  } finally {
    over.abort()
  }
}

function answerOf(from: HealthSource): Promise<readonly HealthPart[]> {
  const before = underway.get(from)
  if (before !== undefined) return before
  const answer = Promise.resolve()
    .then(() => from.read())
    .catch((error) => [down(from.name, 'failed', toSharpEyesError(error).message)])
    .finally(() => underway.delete(from))
  underway.set(from, answer)
  return answer
}

/** Asks no more often than that: many pages look at health, and some answers cost a connection to somewhere. */
export function atMostEvery(ms: number, from: HealthSource, clock: Clock): HealthSource {
  let known: { readonly at: number; readonly parts: readonly HealthPart[] } | null = null
  return source(from.name, async () => {
    if (known && clock.now() - known.at < ms) return known.parts
    const parts = await from.read()
    known = { at: clock.now(), parts }
    return parts
  })
}

/** `a, b, c, +4`: as `named`, without words of a language. */
export const listed = (list: readonly string[], most = 5): string =>
  list.length <= most ? list.join(', ') : `${list.slice(0, most).join(', ')}, +${list.length - most}`

/** `a, b, c and 4 more`. */
export const named = (list: readonly string[], most = 5): string =>
  list.length <= most ? list.join(', ') : `${list.slice(0, most).join(', ')} and ${list.length - most} more`
