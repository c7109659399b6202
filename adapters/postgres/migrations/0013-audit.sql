-- The audit tree over the change log: position p is leaf p - 1 (docs/evidence.md).

-- Writer: alerts/audit/extend, in the transaction that gives the positions.
create table audit_head (
  only_row boolean primary key default true check (only_row),
  size     bigint  not null,                   -- leaves in the tree
  founded  bigint  not null                    -- position when the tree began: rows up to it may be gone already
);
insert into audit_head (size, founded) select 0, pos from change_head;

-- Writer: alerts/audit/extend. Roots of complete subtrees: leaves [index * 2^level, (index + 1) * 2^level).
create table audit_nodes (
  level smallint not null,
  index bigint   not null,
  hash  bytea    not null check (octet_length(hash) = 32),
  primary key (level, index)
);

-- Writer: alerts/audit/checkpoints. A copy of what is in the files outside the database.
create table audit_checkpoints (
  size   bigint      primary key,
  origin text        not null,
  root   bytea       not null check (octet_length(root) = 32),
  at     timestamptz not null,
  note   text        not null
);

-- Writer: alerts/audit/check. What the last check of the tree against its checkpoints found.
create table audit_checks (
  only_row boolean     primary key default true check (only_row),
  at       timestamptz not null,
  findings jsonb       not null                -- []: nothing wrong
);

-- Writer: alerts/evidence/retention. After this position no change has been deleted.
create table change_retention (
  only_row    boolean primary key default true check (only_row),
  whole_after bigint  not null
);
insert into change_retention (whole_after)
  select coalesce((select min(pos) - 1 from changes where pos is not null), (select pos from change_head));

-- What was written stays as it is. Retention alone may delete, old rows whose leaf is in the tree. Whoever owns the
-- database can take these triggers away: that is what the checkpoints outside of it are for.
create function audit_refuse() returns trigger language plpgsql as $$
begin
  raise exception '% on % is refused: the log is only appended to', tg_op, tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$;

create function audit_refuse_delete() returns trigger language plpgsql as $$
begin
  if coalesce(current_setting('sharp_eyes.retention', true), '') = 'on' and old.pos is not null
     and old.at < now() - interval '30 days' and old.pos <= (select size from audit_head) then
    return old;
  end if;
  raise exception 'DELETE on changes is refused: the log is only appended to (position %)', old.pos
    using errcode = 'integrity_constraint_violation';
end $$;

create trigger changes_frozen before update of id, at, topic, key, payload on changes
  for each statement execute function audit_refuse();
create trigger changes_positioned before update of pos on changes
  for each row when (old.pos is not null) execute function audit_refuse();
create trigger changes_unpositioned before insert on changes
  for each row when (new.pos is not null) execute function audit_refuse();
create trigger changes_kept before delete on changes for each row execute function audit_refuse_delete();
create trigger changes_not_emptied before truncate on changes for each statement execute function audit_refuse();
create trigger audit_nodes_frozen before update or delete or truncate on audit_nodes
  for each statement execute function audit_refuse();
create trigger audit_checkpoints_frozen before update or delete or truncate on audit_checkpoints
  for each statement execute function audit_refuse();

-- Deletions by retention are in the log themselves.
alter table changes drop constraint changes_topic_check;
alter table changes add constraint changes_topic_check check (topic ~ '^[a-z][a-z_]{1,30}$');

-- The auditor's list: by time, and by who did it.
create index changes_at on changes (at);
