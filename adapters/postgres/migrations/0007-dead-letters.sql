-- Who handed a dead letter to the inbox again, and what came of it. Writer: alerts/inbox.
alter table dead_letters
  add column replayed_by    text,
  add column replay_outcome text check (replay_outcome in ('applied', 'refused'));  -- refused: a new row says why
-- The version before kept neither: only somebody at the database itself could mark a letter.
update dead_letters set replayed_by = 'not kept', replay_outcome = 'applied' where replayed_at is not null;
alter table dead_letters
  add constraint dead_letters_replay check ((replayed_at is null) = (replayed_by is null)
    and (replayed_at is null) = (replay_outcome is null));
