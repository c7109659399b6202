-- What cases and delivery need beyond the tables of the loop.

-- Attempt number at which the retry table (core/retry) began: a person who sends a dead letter again starts it anew,
-- while attempts go on counting and the message id stays the same.
alter table notifications add column table_start integer not null default 0;

-- A reminder and an overdue mark belong to one round of one clock: a job that runs twice writes one entry.
create unique index follow_ups_once_per_round on follow_ups (case_no, kind, (data ->> 'round'))
  where kind in ('reminder', 'overdue');
