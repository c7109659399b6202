-- Pictures out of the rings of many workers, and of the cameras near a sensor: an alert may have several stills and clips.

-- Writer: alerts/evidence. What an alert waits for of one camera: claimed by a worker for some minutes, tried again until
-- it is there or nobody who could have it is left.
alter table clip_requests rename to picture_requests;
alter table picture_requests rename constraint clip_requests_state_check to picture_requests_state_check;
alter table picture_requests drop constraint clip_requests_pkey;
alter table picture_requests
  add column id            uuid        not null default gen_random_uuid(),
  add column kind          text        not null default 'clip' check (kind in ('still', 'clip')),
  add column moment        timestamptz,                    -- what it must show
  add column worker        text,                           -- on whose disk the recording of the moment is; null: not known
  add column tried         text[]      not null default '{}', -- holders since then, whose recordings do not have it
  add column absent_since  timestamptz,                    -- since when nobody who could have it is there
  add column rank          integer     not null default 0, -- 0: the alert's own camera; others in the order they are shown
  add column claimed_by    text,
  add column claimed_until timestamptz,
  alter column pin_id drop not null;                       -- null: nothing was pinned for it
update picture_requests q
   set moment = coalesce((select a.started_at from alerts a where a.id = q.alert_id), q.from_at);
alter table picture_requests
  alter column kind drop default,
  alter column moment set not null,
  add primary key (id),
  add constraint picture_requests_once unique (alert_id, camera, kind);
create index picture_requests_waiting on picture_requests (to_at) where state = 'waiting';
create index picture_requests_pin on picture_requests (pin_id) where state = 'waiting';

-- Which camera a picture shows: that of the alert, or one near the sensor of the alert. Null: an attachment.
alter table evidence add column camera text;
update evidence e set camera = a.source_id
  from alerts a where e.owner_kind = 'alert' and a.id::text = e.owner_id and a.source_kind = 'camera';
-- Two cameras may give the same bytes (two black pictures).
alter table evidence drop constraint evidence_owner_kind_owner_id_kind_variant_sha256_key;
alter table evidence add constraint evidence_once
  unique nulls not distinct (owner_kind, owner_id, kind, variant, sha256, camera);
