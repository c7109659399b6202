-- Where a city wants two persons to open a sealed original: who asked for what and why, and who decided.

-- Writer: dashboard-api/originals. One decision a request, never by the person who asked; after `expires_at` neither a
-- decision nor an opening. `opened_at`: the first opening, after which it serves for a few minutes only.
create table original_requests (
  id              uuid        primary key,
  object          text        not null,            -- alert:<id>, case:<no> or recording:<id>
  case_no         text,                            -- the case of it, when it was asked for
  purpose         text        not null,
  reason          text        not null,
  requested_by    text        not null,
  requested_at    timestamptz not null,
  expires_at      timestamptz not null check (expires_at > requested_at),
  approved        boolean,                         -- null: nobody has decided
  decided_by      text check (decided_by <> requested_by),
  decided_at      timestamptz,
  decision_reason text,
  opened_at       timestamptz check (opened_at is null or approved),
  check ((approved is null) = (decided_by is null) and (approved is null) = (decided_at is null)
     and (approved is null) = (decision_reason is null))
);
create index original_requests_newest on original_requests (requested_at desc, id desc);
create index original_requests_of on original_requests (requested_by, object);
