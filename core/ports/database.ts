export interface Queryable {
  query<R = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<{ rows: R[]; rowCount: number }>
}

/** PostgreSQL. `transaction` commits when `work` resolves and rolls back when it throws. `bigint` comes as text. */
export interface Database extends Queryable {
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  /** Calls `onNotify` for each NOTIFY on `channel` (also once after each reconnect: something may have been missed). */
  listen(channel: string, onNotify: () => void): Promise<AsyncDisposable>
}
