-- History of events and readings: one SQL surface on TimescaleDB and on plain PostgreSQL (docs/history.md). Readers ask
-- `events`, `readings`, `event_days`, `event_city_days` and `reading_hours`; the last three are views whose source differs by
-- the kind of database.

-- Writer: adapters/postgres/timescale, at every migration. What the database can do.
create table history_mode (
  only_row boolean     primary key default true check (only_row),
  mode     text        not null default 'native_partitions'
           check (mode in ('hypertable_full', 'hypertable_apache', 'native_partitions')),
  version  text,                               -- of TimescaleDB; null: there is none
  note     text,                               -- why it is not more than that, and the way out
  since    timestamptz not null default now()  -- when the mode was first found
);
insert into history_mode default values;

-- Writer: alerts/history. How far the rollups are made of the raw tables, and in which time zone a day is counted.
create table history_rollups (
  name      text        primary key check (name in ('event_days', 'reading_hours')),
  timezone  text        not null,              -- of the city; hours are hours of UTC
  watermark timestamptz not null,              -- rows before it are counted in the tables, later ones come from the raw table
  raw_from  timestamptz                        -- raw rows before it were deleted by retention: nothing is made anew there
);
insert into history_rollups (name, timezone, watermark)
select name, coalesce((select body ->> 'timezone' from config_objects where kind = 'city' and removed_at is null limit 1), 'UTC'),
       date_trunc('hour', now()) - interval '1 hour'
  from (values ('event_days'), ('reading_hours')) as list (name);

-- Writers: the triggers of events and readings; emptied by alerts/history. Rows that came after their time was counted
-- (a spool that drained, a device that sends again): what they belong to is counted anew. No unique key: a second
-- transaction would wait for the first.
create table history_late (
  rollup text        not null,
  source text        not null,                 -- camera or sensor of an event, device of a reading
  factor text,                                 -- of a reading
  at     timestamptz not null
);

-- Writer: alerts/history. Events a day of the city: of one source, type, zone and severity.
create table event_day_counts (
  day         timestamptz not null,            -- the day's first moment
  source_kind text        not null,
  source_id   text        not null,
  type        text        not null,
  zone        text,
  severity    smallint    not null,
  starts      bigint      not null,
  updates     bigint      not null,
  ends        bigint      not null,
  unique nulls not distinct (day, type, source_kind, source_id, zone, severity)
);
create index event_day_counts_source on event_day_counts (source_id, day);

-- Writer: alerts/history. The same of the whole city, so that a month of it is some hundred rows and not one a source.
create table event_city_counts (
  day         timestamptz not null,
  source_kind text        not null,
  type        text        not null,
  severity    smallint    not null,
  starts      bigint      not null,
  updates     bigint      not null,
  ends        bigint      not null,
  primary key (day, type, source_kind, severity)
);

-- Writer: alerts/history. Readings an hour. Values that the device marked as bad are counted in `flagged` and in nothing else.
create table reading_hour_counts (
  hour      timestamptz not null,
  device    text        not null,
  factor    text        not null,
  period    text        not null,
  statistic text        not null,
  n         bigint      not null,
  min       double precision,
  avg       double precision,
  max       double precision,
  flagged   bigint      not null,
  primary key (device, factor, hour, period, statistic)
);

insert into event_day_counts
select date_trunc('day', e.at, r.timezone), e.source_kind, e.source_id, e.type, e.zone, e.severity,
       count(*) filter (where e.kind = 'start'), count(*) filter (where e.kind = 'update'), count(*) filter (where e.kind = 'end')
  from events e, history_rollups r
 where r.name = 'event_days' and e.at < r.watermark
 group by 1, 2, 3, 4, 5, 6;

insert into event_city_counts
select day, source_kind, type, severity, sum(starts), sum(updates), sum(ends) from event_day_counts group by 1, 2, 3, 4;

insert into reading_hour_counts
select date_bin('1 hour', e.at, timestamptz '2000-01-01 00:00+00'), e.device, e.factor, e.period, e.statistic,
       count(e.value) filter (where e.flag is null or e.flag = 'N'), min(e.value) filter (where e.flag is null or e.flag = 'N'),
       avg(e.value) filter (where e.flag is null or e.flag = 'N'), max(e.value) filter (where e.flag is null or e.flag = 'N'),
       count(*) filter (where e.flag <> 'N')
  from readings e, history_rollups r
 where r.name = 'reading_hours' and e.at < r.watermark
 group by 1, 2, 3, 4, 5;

-- What is older than this when it comes may lie before the watermark (alerts/history/rollups keeps it further back).
create function history_late_event() returns trigger language plpgsql as
$$ begin
  insert into history_late (rollup, source, at) values ('event_days', new.source_id, new.at);
  return null;
end $$;
create trigger events_late after insert on events for each row
  when (new.at < clock_timestamp() - interval '10 minutes') execute function history_late_event();

create function history_late_reading() returns trigger language plpgsql as
$$ begin
  insert into history_late (rollup, source, factor, at) values ('reading_hours', new.device, new.factor, new.at);
  return null;
end $$;
create trigger readings_late after insert on readings for each row
  when (new.at < clock_timestamp() - interval '10 minutes') execute function history_late_reading();

-- What came since the watermark, from the raw tables. As statements made when they run: a watermark inside the view
-- would be no constant, and every question would be planned with every day partition there is.
create function event_days_since() returns table (day timestamptz, source_kind text, source_id text, type text, zone text,
  severity smallint, starts bigint, updates bigint, ends bigint) language plpgsql stable as
$$ declare rollup history_rollups; begin
  select * into strict rollup from history_rollups where name = 'event_days';
  return query execute
    'select date_trunc(''day'', at, $2), source_kind, source_id, type, zone, severity, count(*) filter (where kind = ''start''),
            count(*) filter (where kind = ''update''), count(*) filter (where kind = ''end'')
       from events where at >= $1 group by 1, 2, 3, 4, 5, 6' using rollup.watermark, rollup.timezone;
end $$;
create function reading_hours_since() returns table (hour timestamptz, device text, factor text, period text, statistic text,
  n bigint, min double precision, avg double precision, max double precision, flagged bigint) language plpgsql stable as
$$ begin
  return query execute
    'select date_bin(''1 hour'', at, timestamptz ''2000-01-01 00:00+00''), device, factor, period, statistic,
            count(value) filter (where flag is null or flag = ''N''), min(value) filter (where flag is null or flag = ''N''),
            avg(value) filter (where flag is null or flag = ''N''), max(value) filter (where flag is null or flag = ''N''),
            count(*) filter (where flag <> ''N'')
       from readings where at >= $1 group by 1, 2, 3, 4, 5'
    using (select watermark from history_rollups where name = 'reading_hours');
end $$;

-- The counted days and the open ones in one: the age of a rollup never shows.
create view event_days_from_tables as
select day, source_kind, source_id, type, zone, severity, starts, updates, ends
  from event_day_counts
 where day < (select date_trunc('day', watermark, timezone) from history_rollups where name = 'event_days')
union all
select day, source_kind, source_id, type, zone, severity,
       sum(starts)::bigint as starts, sum(updates)::bigint as updates, sum(ends)::bigint as ends
  from (select day, source_kind, source_id, type, zone, severity, starts, updates, ends
          from event_day_counts
         where day >= (select date_trunc('day', watermark, timezone) from history_rollups where name = 'event_days')
        union all
        select day, source_kind, source_id, type, zone, severity, starts, updates, ends from event_days_since()) as open
 group by day, source_kind, source_id, type, zone, severity;

create view event_city_days_from_tables as
select day, source_kind, type, severity, starts, updates, ends
  from event_city_counts
 where day < (select date_trunc('day', watermark, timezone) from history_rollups where name = 'event_days')
union all
select day, source_kind, type, severity, sum(starts)::bigint as starts, sum(updates)::bigint as updates, sum(ends)::bigint as ends
  from event_days_from_tables
 where day >= (select date_trunc('day', watermark, timezone) from history_rollups where name = 'event_days')
 group by day, source_kind, type, severity;

create view reading_hours_from_tables as
select hour, device, factor, period, statistic, n, min, avg, max, flagged from reading_hour_counts
union all
select hour, device, factor, period, statistic, n, min, avg, max, flagged from reading_hours_since();

-- With continuous aggregates alerts/history puts others in their place, with the same columns.
create view event_days as select * from event_days_from_tables;
create view event_city_days as select * from event_city_days_from_tables;
create view reading_hours as select * from reading_hours_from_tables;

-- A day of one camera is read from the index alone; the rows of a day lie scattered among those of all cameras.
drop index events_source;
create index events_source on events (source_id, at desc)
  include (event_id, epoch, seq, source_kind, kind, type, zone, severity);
-- The newest of some types in the whole city; starts alone are few among the updates.
create index events_type on events (type, kind, at desc);

-- Replay: what the change log says of one matter, and the cases of a place.
create index changes_key on changes (topic, key, id);
create index cases_camera on cases (camera, filed_at) where camera is not null;
