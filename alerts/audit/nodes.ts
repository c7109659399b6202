import type { NodeId, ReadNode, StoredNode } from '../../core/audit/tree.ts'
import { nodesReadBy, readerOf } from '../../core/audit/tree.ts'
import type { Queryable } from '../../core/ports/database.ts'

/** Those of the nodes that are stored. One query, by primary key. */
export async function readNodes(database: Queryable, ids: readonly NodeId[]): Promise<readonly StoredNode[]> {
  if (ids.length === 0) return []
  const { rows } = await database.query<{ level: number; index: string; hash: Buffer }>(
    `select n.level, n.index::text as index, n.hash
       from unnest($1::smallint[], $2::bigint[]) as asked (level, index)
       join audit_nodes n on n.level = asked.level and n.index = asked.index`,
    [ids.map(({ level }) => level), ids.map(({ index }) => String(index))],
  )
  return rows.map(({ level, index, hash }) => ({ level, index: Number(index), hash }))
}

/** Runs `work` on stored nodes, read in one query. Throws when one that it needs is missing. */
export async function withNodes<T>(database: Queryable, work: (read: ReadNode) => T): Promise<T> {
  return work(readerOf(await readNodes(database, nodesReadBy(work))))
}

/** Nodes of that many new leaves: one statement, their hashes in one value. */
export async function insertNodes(
  tx: Queryable,
  leaves: number,
  nodes: readonly StoredNode[],
): Promise<void> {
  await tx.query(
    `with grown as (update audit_head set size = size + $4)
     insert into audit_nodes (level, index, hash)
     select level, index, substring($3::bytea from (place::int - 1) * 32 + 1 for 32)
       from unnest($1::smallint[], $2::bigint[]) with ordinality as made (level, index, place)`,
    [
      nodes.map(({ level }) => level),
      nodes.map(({ index }) => String(index)),
      Buffer.concat(nodes.map(({ hash }) => hash)),
      leaves,
    ],
  )
}
