-- Ranges of recordings that somebody keeps as evidence, of a case or of their own.

-- Writer: alerts/evidence. What was kept, by whom and why. Its clips are made as those of alerts: in pieces, by the worker
-- whose disk has the recording.
create table kept_recordings (
  id      uuid        primary key,
  camera  text        not null,
  from_at timestamptz not null,
  to_at   timestamptz not null check (to_at > from_at),
  reason  text        not null,
  case_no text,                                   -- null: evidence of its own
  kept_by text        not null,
  kept_at timestamptz not null default now()
);
create index kept_recordings_camera on kept_recordings (camera, kept_at desc, id desc);
create index kept_recordings_case on kept_recordings (case_no) where case_no is not null;

-- A picture is wanted by an alert or for a kept recording.
alter table picture_requests
  alter column alert_id drop not null,
  add column recording uuid references kept_recordings (id),
  add column made      text[] not null default '{}',  -- SHA-256 of what was made, where it is of a kept recording
  add constraint picture_requests_for check ((alert_id is null) <> (recording is null));
create index picture_requests_recording on picture_requests (recording) where recording is not null;

alter table evidence drop constraint evidence_owner_kind_check;
alter table evidence add constraint evidence_owner_kind_check check (owner_kind in ('alert', 'case', 'recording'));
