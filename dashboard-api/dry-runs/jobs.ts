import { randomUUID } from 'node:crypto'
import {
  type DryRunFindings,
  type DryRunProblem,
  type DryRunProgress,
  type DryRunRequest,
  type DryRuns,
  problemOf,
} from '../../core/dry-run.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'

/** Of this process: each holds a line to a worker. */
const MOST = 4
const BEAT_MS = 1_000
/** Who has not said so for so long no longer runs it. */
const DEAD_S = 30

export interface DryRunRow {
  readonly id: string
  readonly camera: string
  readonly who: string
  readonly at: Date
  readonly from_at: Date
  readonly to_at: Date
  readonly zones: unknown
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  readonly step: DryRunProgress['step']
  readonly share: number
  readonly problem: DryRunProblem | null
  readonly findings: DryRunFindings | null
}

/** The only writer of `dry_runs`. */
export interface DryRunJobs {
  /** Begins it and answers at once. Throws `too_many_requests`. */
  start(request: DryRunRequest, who: string): Promise<DryRunRow>
  /** Throws `not_found`. */
  find(id: string): Promise<DryRunRow>
  cancel(id: string): Promise<void>
  /** Ends those of this process. */
  close(): Promise<void>
}

export function createDryRunJobs(deps: {
  readonly database: Database
  readonly dryRuns: DryRuns
  readonly clock: Clock
  readonly log: Log
}): DryRunJobs {
  const { database, dryRuns, clock, log } = deps
  const running = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>()

  const run = async (id: string, request: DryRunRequest, stop: AbortController): Promise<void> => {
    let progress: DryRunProgress = { step: 'waiting', share: 0 }
    const done = new AbortController()
    const beating = (async () => {
      while (!done.signal.aborted) {
        await clock.sleep(BEAT_MS, done.signal).catch(() => undefined)
        if (done.signal.aborted) return
        const { rowCount } = await database.query(
          `update dry_runs set step = $2, share = $3, beat_at = now() where id = $1 and state = 'running'`,
          [id, progress.step, progress.share],
        )
        // Somebody cancelled it, perhaps at another process.
        if (rowCount === 0) stop.abort()
      }
    })().catch((error) =>
      log.warn({ dryRun: id, error: String(error) }, 'how far a dry run is was not written'),
    )
    const end = (state: string, problem: unknown, findings: unknown) =>
      database.query(
        `update dry_runs set state = $2, problem = $3, findings = $4, share = 1, beat_at = now()
          where id = $1 and state = 'running'`,
        [id, state, jsonText(problem), jsonText(findings)],
      )
    try {
      const onProgress = (now: DryRunProgress) => {
        progress = now
      }
      const findings = await dryRuns.run(request, { signal: stop.signal, onProgress })
      await end('done', null, findings)
    } catch (thrown) {
      const error = toSharpEyesError(thrown)
      if (error.status === 500 && !stop.signal.aborted)
        log.warn({ camera: request.camera, error: error.message }, 'a dry run failed')
      await end(stop.signal.aborted ? 'cancelled' : 'failed', problemOf(error), null)
    } finally {
      done.abort()
      await beating
    }
  }

  const find = async (id: string): Promise<DryRunRow> => {
    await markDead(database)
    const { rows } = await database.query<DryRunRow>('select * from dry_runs where id = $1', [id])
    if (rows[0]) return rows[0]
    throw new SharpEyesError('not_found', `there is no dry run ${id}: they are kept for a day`)
  }

  return {
    find,
    async start(request, who) {
      if (running.size >= MOST)
        throw new SharpEyesError(
          'too_many_requests',
          `${running.size} dry runs go on already; try again when one has ended`,
          { details: { why: 'dry_runs_full', n: running.size } },
        )
      const id = randomUUID()
      await database.query(`delete from dry_runs where at < now() - interval '1 day'`)
      await database.query(
        `insert into dry_runs (id, camera, who, from_at, to_at, zones) values ($1, $2, $3, $4, $5, $6)`,
        [
          id,
          request.camera,
          who,
          new Date(request.from),
          new Date(request.to),
          jsonText(request.candidate.zones),
        ],
      )
      const stop = new AbortController()
      const ended = run(id, request, stop)
        .catch((error) =>
          log.warn({ dryRun: id, error: String(error) }, 'the end of a dry run was not written'),
        )
        .finally(() => running.delete(id))
      running.set(id, { stop, ended })
      return find(id)
    },
    async cancel(id) {
      await find(id)
      await database.query(
        `update dry_runs set state = 'cancelled', beat_at = now() where id = $1 and state = 'running'`,
        [id],
      )
      running.get(id)?.stop.abort()
    },
    async close() {
      for (const { stop } of running.values()) stop.abort()
      await Promise.all([...running.values()].map(({ ended }) => ended))
    },
  }
}

const SERVER_ENDED: DryRunProblem = {
  ...{ code: 'not_ready', detail: 'the server that ran it has ended; start it again' },
  why: { code: 'server_ended', facts: {} },
}

/** The process that ran it is gone. */
const markDead = (tx: Queryable) =>
  tx.query(
    `update dry_runs set state = 'failed', problem = $1
      where state = 'running' and beat_at < now() - make_interval(secs => $2)`,
    [jsonText(SERVER_ENDED), DEAD_S],
  )

const jsonText = (value: unknown): string | null => (value === null ? null : JSON.stringify(value))
