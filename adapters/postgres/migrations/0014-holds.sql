-- A hold is released by somebody and with a reason, and retention asks for the holds of each piece of evidence.
-- Writer of `holds`: alerts/evidence.
alter table holds
  add column released_by    text,
  add column release_reason text,
  add constraint holds_released check (
    (released_at is null) = (released_by is null) and (released_at is null) = (release_reason is null));
create index holds_open on holds (owner_kind, owner_id) where released_at is null;
