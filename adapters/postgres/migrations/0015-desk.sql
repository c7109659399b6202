-- The operator's desk: verdicts that can be taken back, mute until, who is looking, shifts.

-- Writer: alerts/alert. Every verdict a person gave, numbered per alert; the row of `alerts` has the one that stands.
create table verdicts (
  alert_id     uuid        not null references alerts (id),
  n            integer     not null check (n >= 1),
  verdict      text        not null check (verdict in ('confirmed', 'rejected')),
  reason       text,
  note         text,
  by           text        not null,
  at           timestamptz not null,
  held         uuid[]      not null default '{}', -- notifications that it cancelled: queued again when it is taken back
  ended        text        check (ended in ('undone', 'withdrawn', 'replaced')),
  ended_by     text,
  ended_at     timestamptz,
  ended_reason text,
  primary key (alert_id, n),
  check ((ended is null) = (ended_at is null))
);
create unique index verdicts_standing on verdicts (alert_id) where ended is null;
insert into verdicts (alert_id, n, verdict, reason, note, by, at)
  select id, 1, verdict, verdict_reason, verdict_note, verdict_by, verdict_at from alerts where verdict is not null;

-- Muted until a time 暂缓至: out of "to verify", no suppression; it comes back by itself and is counted meanwhile.
alter table alerts add column muted_until timestamptz;
alter table alerts add column muted_by text;
alter table alerts add column muted_reason text;
alter table alerts add column mute_count integer not null default 0;
alter table alerts add constraint alerts_mute check (muted_until is null or (muted_by is not null and muted_reason is not null));
create index alerts_to_verify on alerts (opened_at desc, id desc) include (severity, muted_until) where verdict is null;

-- Writer: dashboard-api/desk. Who has an alert open now; of seconds only, so it is in no log.
create unlogged table alert_claims (
  alert_id uuid        not null,
  who      text        not null,
  until    timestamptz not null,
  primary key (alert_id, who)
);
create index alert_claims_until on alert_claims (until);

-- Writer: dashboard-api/desk. Who is on duty, and what was said at the hand-over 交接班.
create table shifts (
  id         uuid        primary key,
  who        text        not null,
  started_at timestamptz not null default now(),
  ended_at   timestamptz,
  note       text,
  open       jsonb,                            -- what was open at the end: counts and case numbers
  taken_by   text,
  taken_at   timestamptz,
  check ((ended_at is null) = (note is null)),
  check ((taken_at is null) = (taken_by is null))
);
create unique index shifts_running on shifts (who) where ended_at is null;
create index shifts_ended on shifts (ended_at desc) where ended_at is not null;

-- The list of topics is core/changes.ts; a list here would have to be written anew by every migration that adds one.
alter table changes drop constraint changes_topic_check;
alter table changes add constraint changes_topic_check check (topic ~ '^[a-z][a-z_]{1,30}$');
