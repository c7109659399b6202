-- What the inbox needs beyond the tables of the loop.

-- {address, lon, lat, grid, datum} of the source as configured when the alert opened; null: the source is not configured.
alter table alerts add column place jsonb;

-- A bad message that is delivered again is the same dead letter.
alter table dead_letters add column sha256 bytea not null generated always as (sha256(bytes)) stored;
create unique index dead_letters_once on dead_letters (topic, sha256) where replayed_at is null;

-- Which events keep an alert open, and which have fallen silent.
create index event_state_alert on event_state (alert_id) where not ended;
create index event_state_silent on event_state (last_message_at) where not ended and lost_at is null;
