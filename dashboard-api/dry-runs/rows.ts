import type {
  DryRunAhead,
  DryRunFindings,
  DryRunProblem,
  DryRunProgress,
  DryRunRequest,
} from '../../core/dry-run.ts'
import type { Database } from '../../core/ports/database.ts'

/** Who has not said so for so long no longer runs it. */
const DEAD_S = 30
/**
 * A run goes on so long after the last question of its page. Browsers let the timer of a hidden page run once a minute: one
 * question may be lost. Pages say it in words.
 */
export const WANTED_S = 180
/**
 * One that said that it goes away may be loaded anew, or another page shows the same run, hidden perhaps: each asks within this
 * time, which is longer than the minute between two questions of a hidden page.
 */
export const LEFT_S = 75
/** A run that could not say for so long that it goes on: what its page asked meanwhile was lost as well. */
const SILENT_S = 10
const WAS_SILENT = '(beat_at < now() - make_interval(secs => $6))'

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
  readonly ahead: DryRunAhead | null
  readonly problem: DryRunProblem | null
  readonly findings: DryRunFindings | null
}

/** The table `dry_runs`. Times are the database's: many processes run, ask and end. */
export interface DryRunRows {
  /** Adds one, and deletes those of yesterday. */
  add(id: string, request: DryRunRequest, who: string): Promise<void>
  /** Null: there is none, or it is deleted. One whose process is gone has ended. */
  find(id: string): Promise<DryRunRow | null>
  /** Somebody waits for it: it goes on. */
  want(id: string): Promise<void>
  /** Nobody waits for it any more, unless somebody asks soon. */
  leave(id: string): Promise<void>
  /**
   * It is still run here. False: it has ended, by somebody's command or because nobody waited for it. After a silence (the
   * database was away) a page has time anew to ask.
   */
  beat(id: string, progress: DryRunProgress): Promise<boolean>
  /** Nothing of one that has ended is changed. */
  cancel(id: string): Promise<void>
  fail(id: string, problem: DryRunProblem): Promise<void>
  finish(id: string, findings: DryRunFindings): Promise<void>
}

export function createDryRunRows(database: Database): DryRunRows {
  const change = async (id: string, set: string, ...values: readonly unknown[]): Promise<void> => {
    await database.query(`update dry_runs set ${set} where id = $1 and state = 'running'`, [id, ...values])
  }
  return {
    async add(id, { camera, from, to, candidate }, who) {
      await database.query(`delete from dry_runs where at < now() - interval '1 day'`)
      await database.query(
        `insert into dry_runs (id, camera, who, from_at, to_at, zones, wanted_until)
         values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))`,
        [id, camera, who, new Date(from), new Date(to), JSON.stringify(candidate.zones), WANTED_S],
      )
    },
    async find(id) {
      await database.query(
        `update dry_runs set state = 'failed', problem = $1
          where state = 'running' and beat_at < now() - make_interval(secs => $2)`,
        [JSON.stringify(SERVER_ENDED), DEAD_S],
      )
      const { rows } = await database.query<DryRunRow>('select * from dry_runs where id = $1', [id])
      return rows[0] ?? null
    },
    want: (id) => change(id, 'wanted_until = now() + make_interval(secs => $2)', WANTED_S),
    leave: (id) => change(id, 'wanted_until = now() + make_interval(secs => $2)', LEFT_S),
    async beat(id, { step, share, ahead }) {
      const { rows } = await database.query<Pick<DryRunRow, 'state'>>(
        `update dry_runs set step = $2, share = $3, ahead = $4, beat_at = now(),
                wanted_until = case when ${WAS_SILENT} then now() + make_interval(secs => $7) else wanted_until end,
                state = case when wanted_until < now() and not ${WAS_SILENT} then 'failed' else state end,
                problem = case when wanted_until < now() and not ${WAS_SILENT} then $5::jsonb end
          where id = $1 and state = 'running' returning state`,
        [
          ...[id, step, share, ahead ? JSON.stringify(ahead) : null, JSON.stringify(NOBODY_WAITS)],
          ...[SILENT_S, WANTED_S],
        ],
      )
      return rows[0]?.state === 'running'
    },
    cancel: (id) => change(id, `state = 'cancelled'`),
    fail: (id, problem) => change(id, `state = 'failed', problem = $2`, JSON.stringify(problem)),
    finish: (id, findings) =>
      change(id, `state = 'done', share = 1, findings = $2`, JSON.stringify(findings)),
  }
}

/** What a process says that stops, and others say of one that is not heard of, which may be the database's doing. */
export const SERVER_ENDED: DryRunProblem = {
  ...{
    code: 'not_ready',
    detail: 'the server that ran it was stopped, or could not reach its database; start it again',
  },
  why: { code: 'server_ended', facts: {} },
}

const NOBODY_WAITS: DryRunProblem = {
  code: 'not_ready',
  detail: 'no page asked for it any more, so it was ended; start it again',
  why: { code: 'nobody_waits', facts: {} },
}
