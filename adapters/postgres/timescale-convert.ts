import type { Queryable } from '../../core/ports/database.ts'

/**
 * Makes a hypertable of a natively partitioned table, in the caller's transaction: columns, checks, primary key, indexes,
 * triggers, views and rows come along as the catalogue has them, so that later migrations need not be repeated here.
 * Writers and readers wait meanwhile.
 */
export async function becomeHypertable(tx: Queryable, table: string): Promise<void> {
  const old = `${table}_before`
  await tx.query(`lock table ${table} in access exclusive mode`)
  const parts = await describe(tx, table)
  for (const { name } of parts.views.toReversed()) await tx.query(`drop view ${name}`)
  await tx.query(`alter table ${table} rename to ${old}`)
  for (const { name } of parts.constraints) await tx.query(`alter table ${old} drop constraint ${name}`)
  for (const { name } of parts.indexes) await tx.query(`drop index ${name}`)
  await tx.query(
    `create table ${table} (like ${old} including defaults including constraints including comments)`,
  )
  for (const { name, definition } of parts.constraints)
    await tx.query(`alter table ${table} add constraint ${name} ${definition}`)
  await tx.query(
    `select create_hypertable('${table}', by_range('at', interval '1 day'), create_default_indexes => false)`,
  )
  await tx.query(`insert into ${table} select * from ${old}`)
  await tx.query(`drop table ${old}`)
  // After the rows: indexes are built faster so, and what is moved is not new.
  for (const { definition } of parts.indexes) await tx.query(definition.replace(' ON ONLY ', ' ON '))
  for (const { definition } of parts.triggers) await tx.query(definition)
  for (const { name, definition } of parts.views) await tx.query(`create view ${name} as ${definition}`)
}

interface Part {
  readonly name: string
  readonly definition: string
}

/** Names are our own; the catalogue quotes what needs it. */
async function describe(tx: Queryable, table: string) {
  const read = async (sql: string) => (await tx.query<Part>(sql, [table])).rows
  return {
    constraints: await read(
      `select quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
         from pg_constraint where conrelid = $1::text::regclass and contype in ('p', 'u')`,
    ),
    indexes: await read(
      `select x.indexrelid::regclass::text as name, pg_get_indexdef(x.indexrelid) as definition
         from pg_index x where x.indrelid = $1::text::regclass
          and not exists (select from pg_constraint k where k.conindid = x.indexrelid)`,
    ),
    triggers: await read(
      `select quote_ident(tgname) as name, pg_get_triggerdef(oid) as definition
         from pg_trigger where tgrelid = $1::text::regclass and not tgisinternal`,
    ),
    // Views on the table, and views on those: oldest first.
    views: await read(
      `with recursive views (oid) as (
         select r.ev_class from pg_depend d join pg_rewrite r on r.oid = d.objid
          where d.classid = 'pg_rewrite'::regclass and d.refobjid = $1::text::regclass
         union
         select r.ev_class from views v join pg_depend d on d.refobjid = v.oid and d.classid = 'pg_rewrite'::regclass
           join pg_rewrite r on r.oid = d.objid where r.ev_class <> v.oid)
       select c.oid::regclass::text as name, pg_get_viewdef(c.oid) as definition
         from pg_class c where c.oid in (select oid from views) and c.relkind = 'v' order by c.oid`,
    ),
  }
}
