-- The change log on the bus.

-- Writer: alerts/changes/publish. How far the log is published: moves after the broker has acknowledged.
create table change_publisher (
  only_row boolean primary key default true check (only_row),
  pos      bigint  not null,
  log      uuid    not null default gen_random_uuid() -- in the source of every message; another after a restore, since positions are given again then
);
insert into change_publisher (pos) values (0);
