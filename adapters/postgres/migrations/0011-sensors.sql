-- Sensors: how each is, what its limit found, marks on its readings, and pictures that agree with it.

-- Writer: alerts/sensors. One row a configured sensor, and the lock of everything about it. Life signs by the clock of the
-- worker that took the message; `judgement` by the device's.
create table sensor_state (
  sensor         text        primary key,
  device         text        not null,          -- HJ 212 MN, or the id of an MQTT sensor
  factor         text        not null,
  config_version integer     not null,          -- of config_objects: as taken into account here
  watched_since  timestamptz not null,
  heard_at       timestamptz,                   -- latest message with a reading of its factor
  status         text        check (status in ('online', 'offline')),
  status_at      timestamptz,
  unusable_since timestamptz,                   -- since when all it sends says that it cannot measure
  last           jsonb,                         -- latest reading by its own time: {at, receivedAt, period, statistic, value, flag}
  judgement      jsonb       not null,          -- alerts/sensors Judged: series, limit version, where the limit stands
  check ((status is null) = (status_at is null))
) with (fillfactor = 70);

-- Writer: alerts/sensors. One row an event: an exceedance or a fault. Those that are not void are the truth as the stored
-- readings and marks tell it now; an event that is over stays over, so another one may take its place.
create table sensor_episodes (
  event_id   uuid        primary key,
  sensor     text        not null,
  type       text        not null check (type in ('exceedance', 'sensor_fault')),
  since      timestamptz not null,
  ended_at   timestamptz,
  seq        integer     not null,              -- of the last message about it
  void       text        check (void in ('withdrawn', 'replaced')),
  state      jsonb       not null,              -- core HazardEvent
  updated_at timestamptz not null default now()
);
create unique index sensor_episodes_open on sensor_episodes (sensor, type) where ended_at is null;
create index sensor_episodes_since on sensor_episodes (sensor, since);

-- Writer: alerts/sensors. Append-only: later words on readings, by a person or by the device that sent one again otherwise.
create table reading_marks (
  id         bigint      generated always as identity primary key,
  device     text        not null,
  factor     text        not null,
  period     text,                              -- null: readings of every period and statistic
  statistic  text,
  from_at    timestamptz not null,              -- reading times, both included
  to_at      timestamptz not null,
  flag       text,                              -- null: the device sent another value, and no other flag
  value      double precision,                  -- what the device sent the second time, where it differs
  reason     text        not null,
  actor_kind text        not null check (actor_kind in ('person', 'device')),
  actor      text        not null,
  made_at    timestamptz not null,              -- when a person wrote it, or the device's packet came
  message_id text,                              -- the packet, where it was one
  check (from_at <= to_at),
  check ((period is null) = (statistic is null)),
  check (actor_kind = 'device' or flag is not null)
);
create index reading_marks_range on reading_marks (device, factor, from_at);
create index reading_marks_made on reading_marks (device, factor, made_at desc, id desc);

-- Messages name the device; an MQTT sensor is its own.
create index config_sensors_device on config_objects ((coalesce(body ->> 'mn', id))) where kind = 'sensor';

-- Pictures and sensors that tell of one thing: the severity of both goes up by one, once. `severity` has it taken in.
alter table alerts add column severity_raise smallint not null default 0 check (severity_raise in (0, 1));
alter table alerts add column agrees_with uuid[] not null default '{}'; -- ids of alerts, in the order in which they agreed
alter table alerts add column agreed_at timestamptz;
-- Exceedances that are open or were a moment ago: every fire and plume that opens asks for them.
create index alerts_exceedances on alerts (coalesce(resolved_at, 'infinity'))
  where source_kind = 'sensor' and type = 'exceedance';

alter table changes drop constraint changes_topic_check;
alter table changes add constraint changes_topic_check
  check (topic in ('alert', 'case', 'notification', 'look', 'camera', 'sensor'));
