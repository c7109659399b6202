import { randomUUID } from 'node:crypto'
import { type DryRunProgress, type DryRunRequest, type DryRuns, problemOf } from '../../core/dry-run.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { createDryRunRows, type DryRunRow, SERVER_ENDED } from './rows.ts'

/** Of this process: each holds a line to a worker. */
const MOST = 4
const BEAT_MS = 1_000

/** The only writer of `dry_runs`. */
export interface DryRunJobs {
  /** Begins it and answers at once. Throws `too_many_requests`. */
  start(request: DryRunRequest, who: string): Promise<DryRunRow>
  /** Throws `not_found`. */
  find(id: string): Promise<DryRunRow>
  /** The same for a page that waits for it: a run for which none asks is ended after three minutes. */
  ask(id: string): Promise<DryRunRow>
  /** The run that another waits for; null: it is not known here. */
  ahead(row: DryRunRow): Promise<DryRunRow | null>
  /** A page goes away: unless one asks soon, it is ended. Throws `not_found`. */
  leave(id: string): Promise<void>
  cancel(id: string): Promise<void>
  /** Ends those of this process, and has their pages told. */
  close(): Promise<void>
}

export function createDryRunJobs(deps: {
  readonly database: Database
  readonly dryRuns: DryRuns
  readonly clock: Clock
  readonly log: Log
}): DryRunJobs {
  const { dryRuns, clock, log } = deps
  const rows = createDryRunRows(deps.database)
  const running = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>()
  let isClosing = false

  /** Until `done`: writes how far it is, and ends what somebody has ended, perhaps at another process. */
  const beat = async (
    id: string,
    progress: () => DryRunProgress,
    stop: AbortController,
    done: AbortSignal,
  ): Promise<void> => {
    while (!done.aborted) {
      await clock.sleep(BEAT_MS, done).catch(() => undefined)
      if (done.aborted) return
      try {
        if (!(await rows.beat(id, progress()))) stop.abort()
      } catch (error) {
        log.warn({ dryRun: id, error: String(error) }, 'how far a dry run is was not written')
      }
    }
  }

  const run = async (id: string, request: DryRunRequest, stop: AbortController): Promise<void> => {
    let progress: DryRunProgress = { step: 'waiting', share: 0 }
    const done = new AbortController()
    const beating = beat(id, () => progress, stop, done.signal)
    try {
      const onProgress = (now: DryRunProgress) => {
        progress = now
      }
      // The server was stopped while the row was written.
      stop.signal.throwIfAborted()
      const findings = await dryRuns.run(request, { id, signal: stop.signal, onProgress })
      await rows.finish(id, findings)
    } catch (thrown) {
      const error = toSharpEyesError(thrown)
      if (error.status === 500 && !stop.signal.aborted)
        log.warn({ camera: request.camera, error: error.message }, 'a dry run failed')
      // Of one that somebody has ended the row says so already.
      await rows.fail(id, isClosing ? SERVER_ENDED : problemOf(error))
    } finally {
      done.abort()
      await beating
    }
  }

  const find = async (id: string): Promise<DryRunRow> => {
    const row = await rows.find(id)
    if (row) return row
    throw new SharpEyesError('not_found', `there is no dry run ${id}: they are kept for a day`)
  }

  return {
    find,
    async ask(id) {
      await rows.want(id)
      return find(id)
    },
    ahead: async ({ ahead }) => (ahead ? rows.find(ahead.run) : null),
    async start(request, who) {
      if (isClosing) {
        throw new SharpEyesError('not_ready', 'this server stops; try again soon', {
          details: { why: 'server_stops' },
        })
      }
      if (running.size >= MOST)
        throw new SharpEyesError(
          'too_many_requests',
          `${running.size} dry runs go on already; try again when one has ended`,
          { details: { why: 'dry_runs_full', n: running.size } },
        )
      const id = randomUUID()
      const stop = new AbortController()
      const added = rows.add(id, request, who)
      const judged = async () => {
        await run(id, request, stop).catch((error) =>
          log.warn({ dryRun: id, error: String(error) }, 'the end of a dry run was not written'),
        )
      }
      // Who asked is told below that it could not be added.
      const ended = added.then(judged, () => undefined).finally(() => running.delete(id))
      // Before anything is waited for: `close` ends it, and it counts for the next one that comes.
      running.set(id, { stop, ended })
      await added
      return find(id)
    },
    async leave(id) {
      await find(id)
      await rows.leave(id)
    },
    async cancel(id) {
      await find(id)
      await rows.cancel(id)
      running.get(id)?.stop.abort()
    },
    async close() {
      isClosing = true
      for (const { stop } of running.values()) stop.abort()
      await Promise.all([...running.values()].map(({ ended }) => ended))
    },
  }
}
