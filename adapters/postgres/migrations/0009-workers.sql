-- Many workers: who they are, who may come, what each of them watched.

-- Writer: adapters/postgres/workers. Tokens of workers on other machines. Only the hash is kept: the token is shown once.
create table worker_tokens (
  name         text        primary key,         -- first part of the names of all workers that show it: <name>/<instance>
  sha256       text        not null unique,     -- of the whole token, hex
  created_at   timestamptz not null default now(),
  created_by   text        not null,
  revoked_at   timestamptz,
  last_seen_at timestamptz                      -- to the minute
);

-- Writer: adapters/postgres/control-plane (old rows go with coverage). What a worker said of itself when it held cameras last.
create table workers (
  name            text        primary key,
  version         text        not null,
  model           text,                         -- null: it analyses without one
  endpoint_url    text,                         -- where it shows its live pictures; null: the same process
  endpoint_secret text,                         -- to ask there with
  capacity        integer     not null,
  cameras         integer     not null default 0, -- held after its last call
  clock_skew_ms   double precision,             -- its clock minus ours; null: not measured
  first_seen      timestamptz not null,
  started_at      timestamptz,                  -- first call of its present life; null: it has gone
  last_seen       timestamptz not null
);

-- Writer: adapters/postgres/control-plane. When any worker was heard of last. After a silence of all of them the database
-- was away: for 20 s only the last holder of a camera may renew (DESIGN section 2).
create table control_state (
  only_row    boolean     primary key default true check (only_row),
  seen_at     timestamptz not null default '-infinity',
  returned_at timestamptz not null default '-infinity'
);
insert into control_state default values;

-- A camera has its row from the first look at it on: epoch 0 is a camera that nobody has held yet.
alter table camera_leases drop constraint camera_leases_epoch_check;
alter table camera_leases add constraint camera_leases_epoch_check check (epoch >= 0);
-- Who held it before it was let go: its recordings are on that worker's disk, so it is the first who gets it back.
alter table camera_leases add column former text;
create index camera_leases_worker on camera_leases (worker);
-- How many there are, and in which order they are given out, without reading their bodies.
create index config_objects_cameras on config_objects (position, id) where kind = 'camera' and removed_at is null;

-- Writer: adapters/postgres/coverage, called by `hold` in its transaction. Who watched a camera, and how it went: half-open
-- [from_at, to_at). What no interval covers, nobody watched. An interval ends after a day at the latest, so that one day
-- before a time is far enough to find what covers it. `to_at` is in no index: moving it on is cheap (HOT).
create table coverage (
  id          bigint      generated always as identity primary key,
  camera      text        not null,
  worker      text        not null,
  epoch       bigint      not null,
  from_at     timestamptz not null,
  to_at       timestamptz not null check (to_at >= from_at),
  state       text        not null check (state in ('connecting', 'online', 'stalled', 'offline')),
  model       text,
  unavailable text[]      not null default '{}'   -- types of its rules that were not watched
) with (fillfactor = 80);
create index coverage_camera on coverage (camera, from_at desc, id desc);
create index coverage_from on coverage (from_at desc, id desc);
