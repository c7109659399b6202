import { createHash } from 'node:crypto'
import { createReadStream, openAsBlob } from 'node:fs'
import { z } from 'zod'
import { type BackoffPolicy, backoffMs } from '../../core/backoff.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { EvidenceSink } from '../../core/ports/evidence.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { DurationMs } from '../../core/units.ts'
import { understood } from './http.ts'
import type { ControlLink } from './link.ts'

const ASK_LIMIT_MS = 10_000
/** A clip has some tens of megabytes, and the line of a district office is slow. */
const UPLOAD_LIMIT_MS = 120_000
const BACKOFF: BackoffPolicy = { firstMs: 500, maxMs: 10_000, factor: 2, jitter: 0.3 }
/** As long as a server may be away without an alert losing its picture. */
const PATIENCE_MS: DurationMs = 10 * 60_000
/** Stills are held in memory meanwhile, some 300 kB each. */
const MAX_WAITING = 64

const stored = z.object({ sha256: z.string(), bytes: z.int() })

/**
 * Evidence of a worker to the store behind the pages' server. `put` asks first whether the bytes are there, and tries
 * again for ten minutes while the server is away; beyond 64 that wait, the next is refused at once. The signal ends all.
 */
export function createHttpEvidenceSink(deps: {
  readonly link: ControlLink
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly signal: AbortSignal
  readonly patienceMs?: DurationMs
}): EvidenceSink {
  const { link, clock, log, metrics, signal } = deps
  const patienceMs = deps.patienceMs ?? PATIENCE_MS
  let waiting = 0

  const upload = async (sha256: string, blob: Blob): Promise<{ sha256: string; bytes: number }> => {
    const path = `/evidence/${sha256}`
    if (await isThere(path)) return { sha256, bytes: blob.size }
    const answer = await link.call({ method: 'PUT', path, body: blob, timeoutMs: UPLOAD_LIMIT_MS, signal })
    return understood(stored, answer)
  }
  const isThere = (path: string): Promise<boolean> =>
    link.call({ method: 'HEAD', path, timeoutMs: ASK_LIMIT_MS, signal }).then(
      () => true,
      (error) => {
        if (error instanceof SharpEyesError && error.code === 'not_found') return false
        throw error
      },
    )

  return {
    async put(content) {
      if (waiting >= MAX_WAITING) {
        metrics.count('evidence_uploads_refused_total')
        throw new SharpEyesError(
          'transport_unavailable',
          `${waiting} pictures and films wait for the server already: this one is not kept`,
        )
      }
      waiting += 1
      metrics.gauge('evidence_uploads_waiting', {}, waiting)
      try {
        const sha256 = await hashOf(content)
        const blob =
          content instanceof Uint8Array
            ? new Blob([content as Uint8Array<ArrayBuffer>])
            : await openAsBlob(content.path)
        return await patiently(() => upload(sha256, blob))
      } finally {
        waiting -= 1
        metrics.gauge('evidence_uploads_waiting', {}, waiting)
      }
    },
  }

  async function patiently<T>(work: () => Promise<T>): Promise<T> {
    const end = clock.now() + patienceMs
    for (let failures = 1; ; failures += 1) {
      try {
        return await work()
      } catch (thrown) {
        signal.throwIfAborted()
        const error = toSharpEyesError(thrown)
        if (!error.retryable || clock.now() >= end) throw error
        metrics.count('evidence_upload_retries_total', { code: error.code })
        const waitMs = backoffMs(BACKOFF, failures, Math.random)
        log.debug({ failures, waitMs, error: error.message }, 'evidence cannot be handed on now')
        await clock.sleep(waitMs, signal)
      }
    }
  }
}

async function hashOf(content: Uint8Array | { readonly path: string }): Promise<string> {
  const hash = createHash('sha256')
  if (content instanceof Uint8Array) return hash.update(content).digest('hex')
  for await (const chunk of createReadStream(content.path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
