-- The tables of the loop. One writer per table, named in its comment. Times are UTC. `bigint` positions are compared in SQL.

-- Configuration ------------------------------------------------------------------------------------------------

-- Writer: adapters/postgres/config-store. Each object knows who manages it; `apply` changes only its own (`file`).
create table config_objects (
  kind       text        not null check (kind in ('city', 'department', 'user', 'camera', 'route', 'sensor')),
  id         text        not null,
  managed_by text        not null check (managed_by in ('file', 'desk')),
  version    integer     not null check (version >= 1),
  position   integer     not null default 0,  -- order in the file; routes are matched in this order
  body       jsonb       not null,
  removed_at timestamptz,                     -- kept: old alerts and cases still name it
  primary key (kind, id)
);

-- Writer: adapters/postgres/config-store. Every change is a version; body null = removed.
create table config_versions (
  kind       text        not null,
  id         text        not null,
  version    integer     not null,
  body       jsonb,
  managed_by text        not null,
  at         timestamptz not null default now(),
  actor      text        not null,
  reason     text        not null,
  primary key (kind, id, version)
);

-- Writer: dashboard-api/auth. argon2id hashes; never in config_objects.
create table credentials (
  user_name   text        primary key,
  hash        text        not null,
  must_change boolean     not null,
  source_sha256 text,                         -- of the password file it was read from: apply changes it only when the file did
  changed_at  timestamptz not null default now()
);

-- Writer: connect-pg-simple.
create table sessions (
  sid    text         primary key,
  sess   json         not null,
  expire timestamp(6) not null
);
create index sessions_expire on sessions (expire);

-- Cameras and workers ------------------------------------------------------------------------------------------

-- Writer: adapters/postgres/control-plane.
create table camera_leases (
  camera text        primary key,
  worker text        not null,
  epoch  bigint      not null check (epoch >= 1),
  until  timestamptz not null
);

-- Writer: adapters/postgres/control-plane.
create table camera_status (
  camera     text        primary key,
  worker     text        not null,
  status     jsonb       not null,             -- core CameraStatus
  updated_at timestamptz not null default now()
);

-- Events -------------------------------------------------------------------------------------------------------

-- Writer: alerts/inbox. Idempotency: CloudEvents source + id. Kept longer than any spool or topic (invariant 10).
create table inbox (
  source      text        not null,
  id          text        not null,
  received_at timestamptz not null default now(),
  outcome     text        not null,            -- applied | stale | ended | recorded
  primary key (source, id)
);
create index inbox_received on inbox (received_at);

-- Writer: alerts/inbox. Append-only, native day partitions (made by alerts/partitions); the default one catches strays.
create table events (
  at          timestamptz not null,            -- capture time of the state
  received_at timestamptz not null default now(),
  event_id    uuid        not null,
  epoch       bigint      not null,
  seq         bigint      not null,
  kind        text        not null check (kind in ('start', 'update', 'end')),
  source_kind text        not null,
  source_id   text        not null,
  type        text        not null,
  zone        text,
  severity    smallint    not null,
  state       jsonb       not null
) partition by range (at);
create table events_default partition of events default;
create index events_at on events using brin (at);
create index events_source on events (source_id, at desc);

-- Writer: alerts/inbox. The latest applied position of each event; (epoch, seq) only grows, `ended` is terminal.
create table event_state (
  event_id        uuid        primary key,
  epoch           bigint      not null,
  seq             bigint      not null,
  ended           boolean     not null,
  source_id       text        not null,
  alert_id        uuid        not null,
  last_message_at timestamptz not null,
  lost_at         timestamptz,                 -- three re-sends missed: a mark, no end; any later message takes it back
  state           jsonb       not null         -- core HazardEvent
);
create index event_state_open on event_state (source_id) where not ended;

-- Writer: alerts/inbox. Messages that failed as data, with their bytes and the error.
create table dead_letters (
  id          bigint      generated always as identity primary key,
  at          timestamptz not null default now(),
  topic       text        not null,
  bytes       bytea       not null,
  error       text        not null,
  replayed_at timestamptz
);

-- Alerts -------------------------------------------------------------------------------------------------------

-- Writer: alerts/ (correlate, alert commands; case_no by case commands).
create table alerts (
  id              uuid        primary key,
  fingerprint     text        not null,
  source_kind     text        not null,
  source_id       text        not null,
  rule_id         text        not null,
  rule_version    text        not null,
  type            text        not null,
  zone            text,
  severity        smallint    not null check (severity between 1 and 4),
  purpose         text,
  state           text        not null check (state in ('pending', 'firing', 'resolved')),
  suppressed_by   text,
  acknowledged_by text,
  acknowledged_at timestamptz,
  verdict         text        check (verdict in ('confirmed', 'rejected')),
  verdict_reason  text,
  verdict_note    text,
  verdict_by      text,
  verdict_at      timestamptz,
  started_at      timestamptz not null,        -- capture time of the picture that started it
  since           timestamptz not null,        -- when the hazard began
  last_seen_at    timestamptz not null,
  resolved_at     timestamptz,
  occurrences     integer     not null default 1,
  lost            boolean     not null default false,
  score           real        not null,
  event_id        uuid        not null,        -- the latest event
  cause           jsonb       not null,        -- its state: core HazardEvent
  case_no         text,
  opened_at       timestamptz not null default now(),
  version         integer     not null default 1,
  check (verdict is null or (verdict_by is not null and verdict_at is not null)),
  check (verdict <> 'rejected' or verdict_reason is not null),
  check ((state = 'resolved') = (resolved_at is not null))
);
create unique index alerts_one_open on alerts (fingerprint) where state <> 'resolved';
create index alerts_feed on alerts (opened_at desc, id desc);
create index alerts_open on alerts (severity, opened_at desc) where state <> 'resolved';
create index alerts_source on alerts (source_id, opened_at desc);

-- Evidence -----------------------------------------------------------------------------------------------------

-- Writer: alerts/evidence (stills by alerts/inbox in the alert's transaction; attachments by case commands).
-- A row never names a missing file; deleting commits the tombstone first.
create table evidence (
  id              uuid        primary key,
  owner_kind      text        not null check (owner_kind in ('alert', 'case')),
  owner_id        text        not null,
  kind            text        not null check (kind in ('still', 'clip', 'attachment')),
  variant         text        not null check (variant in ('masked', 'original')),
  sha256          text        not null,
  bytes           bigint      not null,
  media_type      text        not null,
  name            text,                        -- file name of an attachment as uploaded
  captured_at     timestamptz,
  meta            jsonb       not null default '{}',
  retention_class text        not null default 'alert',
  created_by      text        not null,
  created_at      timestamptz not null default now(),
  tombstoned_at   timestamptz,
  tombstone_reason text,
  unique (owner_kind, owner_id, kind, variant, sha256)
);
create index evidence_owner on evidence (owner_kind, owner_id);
create index evidence_sha on evidence (sha256);

-- Writer: alerts/evidence. The clip of an alert: made by a job, tried again until it is there or cannot be.
create table clip_requests (
  alert_id   uuid        primary key,
  camera     text        not null,
  pin_id     text        not null,
  from_at    timestamptz not null,
  to_at      timestamptz not null,
  state      text        not null check (state in ('waiting', 'done', 'failed')),
  attempts   integer     not null default 0,
  error      text,
  updated_at timestamptz not null default now()
);

-- Writer: alerts/evidence. A hold blocks deletion of everything an alert or case owns.
create table holds (
  id          uuid        primary key,
  owner_kind  text        not null check (owner_kind in ('alert', 'case')),
  owner_id    text        not null,
  author      text        not null,
  reason      text        not null,
  at          timestamptz not null default now(),
  released_at timestamptz
);

-- Writer: dashboard-api/looks. Who looked at what, and why.
create table looks (
  id      bigint      generated always as identity primary key,
  at      timestamptz not null default now(),
  who     text        not null,
  what    text        not null,                -- still | clip | live | original | attachment
  object  text        not null,                -- alert:<id>, case:<no>, camera:<id>
  camera  text,
  purpose text        not null,
  case_no text,
  reason  text
);
create index looks_object on looks (object, at desc);

-- Cases --------------------------------------------------------------------------------------------------------

-- Writer: alerts/cases. Numbers are gapless per year: YYYY-NNNNNN.
create table case_numbers (
  year integer primary key,
  last integer not null
);

-- Writer: alerts/cases. The snapshot that `evolve` gives; follow_ups is the truth it comes from.
create table cases (
  no             text        primary key,
  state          text        not null,
  version        integer     not null,
  type           text        not null,
  severity       smallint    not null,
  alert_id       uuid        references alerts (id),
  camera         text,
  purpose        text,
  place          jsonb       not null,         -- {address, lon, lat, grid, datum} as known at filing
  lead           text,
  assist         text[]      not null default '{}',
  handler        text,                         -- who reported; may not verify
  filed_by       text        not null,
  filed_at       timestamptz not null,
  accept_due_at  timestamptz,
  handle_due_at  timestamptz,
  check_due_at   timestamptz,
  suspended_until timestamptz,
  rework_count   integer     not null default 0,
  extension_count integer    not null default 0,
  closed_at      timestamptz,
  body           jsonb       not null          -- the whole state of core/case
);
create unique index cases_one_per_alert on cases (alert_id) where alert_id is not null and state <> 'voided';
create index cases_lead on cases (lead, state);
create index cases_filed on cases (filed_at desc, no desc);

-- Writer: alerts/cases. The follow-up log 跟踪记录; append-only.
create table follow_ups (
  case_no    text        not null references cases (no),
  seq        integer     not null,
  at         timestamptz not null,
  actor      text        not null,
  actor_kind text        not null check (actor_kind in ('person', 'machine')),
  role       text,
  kind       text        not null,
  from_state text,
  to_state   text,
  reason     text,
  data       jsonb       not null default '{}',
  primary key (case_no, seq)
);

-- Notifications ------------------------------------------------------------------------------------------------

-- Writer: alerts/delivery. One row per (group, step, channel, recipient) with a stable message id (invariant 5).
create table notifications (
  id                 uuid        primary key,
  message_id         text        not null unique,
  group_kind         text        not null check (group_kind in ('alert', 'case')),
  group_id           text        not null,
  step               text        not null,     -- at_once | filed | cancel | reminder:accept:1 | …
  department         text        not null,
  channel            text        not null,
  recipient          text        not null,     -- what the channel is called on screen; no secret
  state              text        not null check (state in ('queued', 'sending', 'sent', 'dead', 'cancelled')),
  attempt            integer     not null default 0,
  next_attempt_at    timestamptz not null default now(),
  until              timestamptz,              -- of `sending`: nobody else takes the row before
  possible_duplicates integer    not null default 0,
  payload            jsonb       not null,
  provider_code      text,
  error              text,
  created_at         timestamptz not null default now(),
  sent_at            timestamptz,
  unique (group_kind, group_id, step, channel, recipient)
);
create index notifications_due on notifications (next_attempt_at) where state in ('queued', 'sending');
create index notifications_group on notifications (group_kind, group_id);

-- Writer: alerts/delivery. Each call and its answer.
create table notification_attempts (
  notification_id uuid        not null references notifications (id),
  attempt         integer     not null,
  at              timestamptz not null default now(),
  duration_ms     integer,
  outcome         text        not null,        -- sent | failed | unknown
  code            text,
  error           text,
  primary key (notification_id, attempt)
);

-- The change log -----------------------------------------------------------------------------------------------

-- Writers: whoever changes an alert, case, notification or look, in the same transaction; `pos` by alerts/changes only.
create table changes (
  id      bigint      generated always as identity primary key,
  pos     bigint      unique,                  -- gapless; given after the commit by one sequencer
  at      timestamptz not null default clock_timestamp(),
  topic   text        not null check (topic in ('alert', 'case', 'notification', 'look', 'camera')),
  key     text        not null,
  payload jsonb       not null
);
create index changes_unpositioned on changes (id) where pos is null;

create table change_head (
  only_row boolean primary key default true check (only_row),
  pos      bigint  not null
);
insert into change_head (pos) values (0);
