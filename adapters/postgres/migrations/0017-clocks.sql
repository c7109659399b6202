-- When a case is due, whichever of its clocks runs: lists are sorted and grouped by it.
alter table cases add column due_at timestamptz
  generated always as (coalesce(accept_due_at, handle_due_at, check_due_at, suspended_until)) stored;
create index cases_due on cases (lead, due_at);

-- Writer: dashboard-api/views. Filters of a list that a person has given a name; `query` is the page's own query string.
create table saved_views (
  person   text        not null,
  page     text        not null,
  name     text        not null,
  query    text        not null,
  saved_at timestamptz not null,
  primary key (person, page, name)
);
