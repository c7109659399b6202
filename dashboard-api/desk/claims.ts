import type { Claim } from '../../core/api/desk.ts'
import type { Database } from '../../core/ports/database.ts'

const CLAIM_SECONDS = 30
/** Channel of NOTIFY on which every API process hears that somebody opened or closed an alert. */
export const CLAIMS_CHANNEL = 'claims'

interface ClaimRow {
  readonly alert_id: string
  readonly who: string
  readonly until: Date
}

/**
 * Who has an alert open. In the database, because operators may be on different API processes; unlogged and outside of
 * the change log, because it is true for seconds and the log is for ever: browsers hear of it by a wake-up without a
 * position (`event: claim`). Opening the pictures is what writes a look.
 */
export function createClaims({ database }: { database: Database }) {
  const items = ({ rows }: { rows: readonly ClaimRow[] }): Claim[] =>
    rows.map(({ alert_id, who, until }) => ({ alert: alert_id, who, until: until.toISOString() }))
  return {
    async list(): Promise<Claim[]> {
      return items(
        await database.query<ClaimRow>(
          'select alert_id, who, until from alert_claims where until > now() order by until, who limit 500',
        ),
      )
    },
    /** Takes or renews the claim; answers everybody's on this alert. Only a new one wakes the others. */
    async take(alert: string, who: string): Promise<Claim[]> {
      return database.transaction(async (tx) => {
        // A person looks at one alert at a time: a page that was closed without a word is not waited for.
        await tx.query('delete from alert_claims where until < now() or (who = $1 and alert_id <> $2)', [
          who,
          alert,
        ])
        const { rows } = await tx.query<{ fresh: boolean }>(
          `insert into alert_claims (alert_id, who, until) values ($1, $2, now() + make_interval(secs => $3))
           on conflict (alert_id, who) do update set until = excluded.until returning xmax = 0 as fresh`,
          [alert, who, CLAIM_SECONDS],
        )
        if (rows[0]?.fresh) await tx.query('select pg_notify($1, $2)', [CLAIMS_CHANNEL, ''])
        return items(
          await tx.query<ClaimRow>(
            'select alert_id, who, until from alert_claims where alert_id = $1 and until > now() order by until, who',
            [alert],
          ),
        )
      })
    },
    async leave(alert: string, who: string): Promise<void> {
      const { rowCount } = await database.query('delete from alert_claims where alert_id = $1 and who = $2', [
        alert,
        who,
      ])
      if (rowCount > 0) await database.query('select pg_notify($1, $2)', [CLAIMS_CHANNEL, ''])
    },
  }
}
