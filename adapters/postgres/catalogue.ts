import type { Queryable } from '../../core/ports/database.ts'

/** The schema as the database itself describes it, one line a fact, in a stable order: committed and compared by a test. */
export async function describeSchema(database: Queryable): Promise<string> {
  const { rows } = await database.query<{ line: string }>(`
    select line from (
      select c.relname as a, 1 as b, lpad(a.attnum::text, 3, '0') as c,
        format('%s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
          case when a.attnotnull then ' not null' else '' end,
          coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')) as line
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      union all
      select c.relname, 2, k.conname, format('%s %s', c.relname, pg_get_constraintdef(k.oid))
      from pg_constraint k join pg_class c on c.oid = k.conrelid
      where k.connamespace = 'public'::regnamespace and not c.relispartition and k.contype <> 'n'
      union all
      select c.relname, 3, i.relname, pg_get_indexdef(i.oid)
      from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
      where c.relnamespace = 'public'::regnamespace and not c.relispartition
        and not exists (select 1 from pg_constraint k where k.conindid = i.oid)
    ) facts order by a, b, c`)
  return `${rows.map((row) => row.line).join('\n')}\n`
}
