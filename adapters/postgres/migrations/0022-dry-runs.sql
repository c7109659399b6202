-- Dry runs of rules: what they would have raised in the past. Nothing of them is an event, an alert or evidence.

-- Writer: dashboard-api/dry-runs. One row a run, gone a day later. Any API process answers for it; the one that runs it says
-- at least every few seconds that it does (`beat_at`), and ends it when the row no longer says `running`.
create table dry_runs (
  id       uuid        primary key,
  camera   text        not null,
  who      text        not null,
  at       timestamptz not null default now(),
  from_at  timestamptz not null,
  to_at    timestamptz not null check (to_at > from_at),
  zones    jsonb       not null,               -- of the candidate, for its pictures
  state    text        not null default 'running' check (state in ('running', 'done', 'failed', 'cancelled')),
  step     text        not null default 'waiting',
  share    real        not null default 0,
  beat_at  timestamptz not null default now(),
  problem  jsonb,                              -- {code, detail} of a failed one
  findings jsonb                               -- of one that is done
);
create index dry_runs_at on dry_runs (at);
