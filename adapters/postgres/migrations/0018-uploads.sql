-- Calls that come again: a phone that never heard the answer sends its report a second time.

-- Writer: alerts/cases, in the transaction of the effect; old rows go nightly. `request` is the hash of what was asked,
-- `answer` what the caller was told. Two calls with one key wait for each other at the primary key.
create table idempotency_keys (
  person  text        not null,
  key     text        not null,
  request text        not null,
  answer  jsonb,                               -- null only inside the transaction that wrote the row
  at      timestamptz not null,
  primary key (person, key)
);
create index idempotency_keys_at on idempotency_keys (at);
