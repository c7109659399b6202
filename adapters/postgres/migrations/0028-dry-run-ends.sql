-- How a dry run ends that nobody asks about, and what a waiting one waits for. Writer of `dry_runs`: dashboard-api/dry-runs.
alter table dry_runs
  -- Each question of a page moves it on; a run that still goes on then is ended.
  add column wanted_until timestamptz not null default now() + interval '3 minutes',
  -- While it waits in a worker's line: {run, runs}, the run that is judged now, and how many have their turn before it.
  add column ahead jsonb;
